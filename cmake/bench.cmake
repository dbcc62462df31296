# bench_<name> for each tests/bench/<name>.cc: load generators and floors; built by tests/bench/run.
file(GLOB benches CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/bench/*.cc)
foreach(source ${benches})
  get_filename_component(name ${source} NAME_WE)
  add_executable(bench_${name} EXCLUDE_FROM_ALL ${source})
  target_precompile_headers(bench_${name} REUSE_FROM spm_pch)
  target_link_libraries(bench_${name} PRIVATE spm_rpc SQLite::SQLite3)
endforeach()
