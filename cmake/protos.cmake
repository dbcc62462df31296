# spm_proto: every message of proto/ and the few common ones of Google, one object for each file.
# Only messages are generated; the RPCs are bound by their descriptors.
execute_process(COMMAND ${CMAKE_SOURCE_DIR}/tools/install COMMAND_ERROR_IS_FATAL ANY)
set(google_protos ${CMAKE_SOURCE_DIR}/tools/node_modules/google-proto-files)
set(SPM_PROTO_DIR ${CMAKE_BINARY_DIR}/proto)
file(MAKE_DIRECTORY ${SPM_PROTO_DIR})

file(GLOB_RECURSE own CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/proto ${CMAKE_SOURCE_DIR}/proto/*.proto)
set(common google/api/annotations.proto google/api/http.proto google/api/field_behavior.proto
  google/rpc/status.proto google/rpc/error_details.proto google/rpc/code.proto
  google/type/date.proto google/type/money.proto)

set(generated)
foreach(proto ${own} ${common})
  set(root ${CMAKE_SOURCE_DIR}/proto)
  if(NOT proto IN_LIST own)
    set(root ${google_protos})
  endif()
  string(REGEX REPLACE "\\.proto$" "" stem ${SPM_PROTO_DIR}/${proto})
  add_custom_command(
    OUTPUT ${stem}.pb.cc ${stem}.pb.h
    COMMAND ${Protobuf_PROTOC_EXECUTABLE} -I ${CMAKE_SOURCE_DIR}/proto -I ${Protobuf_INCLUDE_DIRS} -I ${google_protos}
      --cpp_out=${SPM_PROTO_DIR} --dependency_out=${stem}.d ${proto}
    DEPENDS ${root}/${proto}
    DEPFILE ${stem}.d
    COMMENT "Generating ${proto}"
    VERBATIM)
  list(APPEND generated ${stem}.pb.cc)
endforeach()

add_library(spm_proto STATIC ${generated})
target_include_directories(spm_proto SYSTEM PUBLIC ${SPM_PROTO_DIR})
target_link_libraries(spm_proto PUBLIC protobuf::libprotobuf)
# Generated code is neither read nor debugged: optimised a little in every preset, without warnings.
target_compile_options(spm_proto PRIVATE -w -O1 -g0)
target_precompile_headers(spm_proto PRIVATE <google/protobuf/message.h>
  <google/protobuf/generated_message_reflection.h> <google/protobuf/wire_format.h>
  <google/protobuf/io/coded_stream.h> <google/protobuf/extension_set.h>)
