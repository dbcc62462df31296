# Compiler, linker, cache and the packages of the system.
find_program(SPM_CCACHE ccache)
if(SPM_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Precompiled headers are cached only with these two; nothing of ours uses __TIME__.
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros
    CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} ${SPM_CCACHE})
endif()
find_program(SPM_MOLD mold)
if(SPM_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# -pthread for all, since some packages ask for it and a precompiled header must be compiled as its users are.
add_compile_options(-pthread -Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers)
if(SPM_CCACHE)
  add_compile_options(-fpch-preprocess)
endif()
include_directories(${CMAKE_SOURCE_DIR})

find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)
find_package(absl REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(date REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(Boost REQUIRED)
find_package(mimalloc REQUIRED)
find_package(GTest)

# Sanitizers are for our own code: see protos.cmake, which comes before them.
function(spm_sanitize target)
  if(SPM_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${SPM_SANITIZE} -fno-sanitize-recover=all)
  endif()
endfunction()
if(SPM_SANITIZE)
  add_link_options(-fsanitize=${SPM_SANITIZE})
endif()
