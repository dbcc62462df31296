# bench_<name> for each tests/bench/<name>.cc: load generators and floors, for tests/bench/run. The test runs
# every benchmark in small, so that none of them rots.
file(GLOB benches CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/bench/*.cc)
if(SPM_SANITIZE)
  return()
endif()
foreach(source ${benches})
  get_filename_component(name ${source} NAME_WE)
  add_executable(bench_${name} ${source})
  target_precompile_headers(bench_${name} REUSE_FROM spm_pch)
  target_link_libraries(bench_${name} PRIVATE spm_rpc SQLite::SQLite3)
endforeach()
spm_check(bench "whole" 300 python3 ${CMAKE_SOURCE_DIR}/tests/bench/test_bench.py)
