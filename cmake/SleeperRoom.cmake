# How a room, its tests, its benchmarks and its programs are declared.

# What a run of the unit tests needs.
if(SLEEPER_BUILD_TESTS)
  add_custom_target(room_tests)
endif()

# Adds a folder of the tree if it is there and declares targets.
function(sleeper_add_folder folder)
  if(EXISTS "${PROJECT_SOURCE_DIR}/${folder}/CMakeLists.txt")
    add_subdirectory("${PROJECT_SOURCE_DIR}/${folder}" "${PROJECT_BINARY_DIR}/${folder}")
  endif()
endfunction()

# Settings that every target of ours has.
function(_sleeper_target target)
  target_compile_options(${target} PRIVATE $<TARGET_PROPERTY:sleeper_warnings,INTERFACE_COMPILE_OPTIONS>)
endfunction()

# Links rooms. They are named without "::" so that a room whose folder does not exist yet fails at the link of what needs
# it, and not at the configuration of everything.
function(_sleeper_link_rooms target kind)
  foreach(room IN LISTS ARGN)
    target_link_libraries(${target} ${kind} sleeper_${room})
  endforeach()
endfunction()

# Links the testing libraries of those rooms that have one.
function(_sleeper_link_testing target kind)
  foreach(room IN LISTS ARGN)
    target_link_libraries(${target} ${kind} $<TARGET_NAME_IF_EXISTS:sleeper_${room}_testing>)
  endforeach()
endfunction()

# sleeper_room(<name>
#   [SOURCES …] [TESTS …] [BENCHMARKS …] [TESTING …]  default: the *.cc of the folder (and of its folder testing/), by name
#   [ROOMS …]       rooms it may link, besides base
#   [LIBRARIES …]   libraries of others that its headers need or that it links
#   [TEST_LIBRARIES …]
#   [ARROW] [PARQUET]  it includes Arrow's array headers, Parquet's
#   [PROGRAM <program>]  main.cc of the folder becomes this program, in the root of the build folder
#   [TEST_TIMEOUT <seconds>])
#
# Makes the static library sleeper_<name> (alias sleeper::<name>), the library sleeper_<name>_testing if there is a folder
# testing/, the test binary <name>_test, registered with ctest under the label <name>, the benchmark <name>_benchmark, and
# a fuzz target of each <thing>_fuzz.cc.
function(sleeper_room name)
  cmake_parse_arguments(PARSE_ARGV 1 arg
    "ARROW;PARQUET" "PROGRAM;TEST_TIMEOUT" "SOURCES;TESTS;BENCHMARKS;TESTING;ROOMS;LIBRARIES;TEST_LIBRARIES")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "sleeper_room(${name}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()

  file(GLOB all CONFIGURE_DEPENDS RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}" "*.cc")
  file(GLOB testing CONFIGURE_DEPENDS RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}" "testing/*.cc")
  file(GLOB testing_headers CONFIGURE_DEPENDS RELATIVE "${CMAKE_CURRENT_SOURCE_DIR}" "testing/*.h")
  set(tests ${all} ${testing})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  set(benchmarks ${all})
  list(FILTER benchmarks INCLUDE REGEX "_benchmark\\.cc$")
  set(fuzzers ${all})
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cc$")
  set(sources ${all})
  list(FILTER sources EXCLUDE REGEX "(_test|_benchmark|^main|_main|_fuzz)\\.cc$")
  list(FILTER testing EXCLUDE REGEX "_test\\.cc$")
  foreach(part IN ITEMS sources tests benchmarks testing)
    string(TOUPPER ${part} keyword)
    if(DEFINED arg_${keyword})
      set(${part} ${arg_${keyword}})
    endif()
  endforeach()

  set(rooms ${arg_ROOMS})
  if(NOT name STREQUAL "base")
    list(PREPEND rooms base)
  endif()
  set(libraries ${arg_LIBRARIES})
  # Status and Result are Arrow's, so base, and with it every room, links libarrow.
  if(arg_ARROW OR name STREQUAL "base")
    list(APPEND libraries Arrow::arrow_shared)
  endif()
  if(arg_PARQUET)
    list(APPEND libraries Parquet::parquet_shared)
  endif()

  _sleeper_room_library(sleeper_${name} "${sources}" "${rooms}" "${libraries}")
  add_library(sleeper::${name} ALIAS sleeper_${name})
  set_property(TARGET sleeper_${name} PROPERTY EXPORT_NAME ${name})
  set_property(GLOBAL APPEND PROPERTY SLEEPER_ROOM_TARGETS sleeper_${name})
  if(arg_ARROW AND sources)
    sleeper_precompile(sleeper_${name} arrow)
  endif()

  if(arg_PROGRAM)
    sleeper_program(${arg_PROGRAM} SOURCES main.cc ROOMS ${name} ${rooms})
    set_property(TARGET ${arg_PROGRAM} PROPERTY RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")
    set_property(GLOBAL APPEND PROPERTY SLEEPER_INSTALLED_PROGRAMS ${arg_PROGRAM})
  endif()

  if(SLEEPER_BUILD_TESTS OR SLEEPER_BUILD_BENCHMARKS)
    if(testing OR testing_headers)
      _sleeper_room_library(sleeper_${name}_testing "${testing}" "${name};${rooms}" "${arg_TEST_LIBRARIES}")
      get_target_property(type sleeper_${name}_testing TYPE)
      if(type STREQUAL "INTERFACE_LIBRARY")
        _sleeper_link_testing(sleeper_${name}_testing INTERFACE ${rooms})
      else()
        _sleeper_link_testing(sleeper_${name}_testing PUBLIC ${rooms})
      endif()
      if(arg_ARROW AND testing)
        sleeper_precompile(sleeper_${name}_testing arrow)
      endif()
      if(SLEEPER_BUILD_TESTS AND NOT type STREQUAL "INTERFACE_LIBRARY")
        target_link_libraries(sleeper_${name}_testing PUBLIC GTest::gmock)
      endif()
    endif()
  endif()
  if(SLEEPER_BUILD_TESTS AND tests)
    sleeper_test(${name}_test SOURCES ${tests} ROOMS ${name} ${rooms}
      LIBRARIES ${arg_TEST_LIBRARIES} LABEL ${name} TIMEOUT ${arg_TEST_TIMEOUT})
    add_dependencies(room_tests ${name}_test)
    # Built when they are asked for: the release build has no use for them.
    set_target_properties(${name}_test PROPERTIES EXCLUDE_FROM_ALL ON)
    if(arg_ARROW)
      sleeper_precompile(${name}_test arrow_test)
    else()
      sleeper_precompile(${name}_test test)
    endif()
  endif()
  if(SLEEPER_BUILD_TESTS)
    foreach(fuzzer IN LISTS fuzzers)
      cmake_path(GET fuzzer STEM fuzzer_name)
      sleeper_fuzz(${fuzzer_name} SOURCES ${fuzzer} ROOMS ${name} ${rooms} LABEL ${name})
      add_dependencies(room_tests ${fuzzer_name})
    endforeach()
  endif()
  if(SLEEPER_BUILD_BENCHMARKS AND benchmarks)
    sleeper_benchmark(${name}_benchmark SOURCES ${benchmarks} ROOMS ${name} ${rooms} LIBRARIES ${arg_TEST_LIBRARIES})
  endif()
endfunction()

# A static library, or an interface library if there is nothing to compile.
function(_sleeper_room_library target sources rooms libraries)
  if(sources)
    add_library(${target} STATIC ${sources})
    set(kind PUBLIC)
    _sleeper_target(${target})
  else()
    add_library(${target} INTERFACE)
    set(kind INTERFACE)
  endif()
  target_include_directories(${target} ${kind}
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src> $<INSTALL_INTERFACE:include>)
  target_compile_features(${target} ${kind} cxx_std_20)
  _sleeper_link_rooms(${target} ${kind} ${rooms})
  target_link_libraries(${target} ${kind} ${libraries} Threads::Threads)
endfunction()

# sleeper_test(<name> SOURCES … [ROOMS …] [LIBRARIES …] [LABEL <label>] [TIMEOUT <seconds>] [ARGUMENTS …])
# A GoogleTest binary, registered with ctest. It may use the testing libraries of its rooms.
function(sleeper_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;TIMEOUT" "SOURCES;ROOMS;LIBRARIES;ARGUMENTS")
  add_executable(${name} ${arg_SOURCES})
  _sleeper_target(${name})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}")
  _sleeper_link_testing(${name} PRIVATE ${arg_ROOMS})
  _sleeper_link_rooms(${name} PRIVATE ${arg_ROOMS})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} GTest::gmock GTest::gtest GTest::gmock_main)
  target_compile_definitions(${name} PRIVATE SLEEPER_SOURCE_FOLDER="${PROJECT_SOURCE_DIR}")
  if(NOT arg_LABEL)
    set(arg_LABEL ${name})
  endif()
  # The suffix tells the builds apart when the tests of several are run together.
  add_test(NAME ${name}${SLEEPER_TEST_SUFFIX} COMMAND ${name} ${arg_ARGUMENTS})
  sleeper_test_settings(${name}${SLEEPER_TEST_SUFFIX} LABELS unit ${arg_LABEL} TIMEOUT ${arg_TIMEOUT})
endfunction()

# sleeper_fuzz(<thing>_fuzz SOURCES … [ROOMS …] [LABEL <label>])
# A fuzz target: SOURCES define LLVMFuzzerTestOneInput. With clang, the preset fuzz links clang's engine. Everything else
# links a driver that changes the inputs of tests/fuzz/corpus/<thing>/ at random, and runs it for a moment as a test.
function(sleeper_fuzz name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL" "SOURCES;ROOMS")
  add_executable(${name} ${arg_SOURCES})
  _sleeper_target(${name})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}")
  _sleeper_link_testing(${name} PRIVATE ${arg_ROOMS})
  _sleeper_link_rooms(${name} PRIVATE ${arg_ROOMS})
  if(SLEEPER_FUZZ)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    return()
  endif()
  target_sources(${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests/fuzz/fuzz_main.cc")
  _sleeper_link_rooms(${name} PRIVATE base)
  # A decoder has no threads.
  if(SLEEPER_SANITIZERS MATCHES "thread")
    return()
  endif()
  string(REGEX REPLACE "_fuzz$" "" thing "${name}")
  file(GLOB corpus CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${thing}")
  add_test(NAME ${name}${SLEEPER_TEST_SUFFIX} COMMAND ${name} --runs 2000 ${corpus})
  sleeper_test_settings(${name}${SLEEPER_TEST_SUFFIX} LABELS unit ${arg_LABEL})
endfunction()

# sleeper_test_settings(<test> LABELS … [TIMEOUT <seconds>]): the environment, labels and time-out of a ctest test.
function(sleeper_test_settings test)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "LABELS")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  # An emulator takes its time, and so does the thread sanitizer.
  if(CMAKE_CROSSCOMPILING)
    math(EXPR arg_TIMEOUT "20 * ${arg_TIMEOUT}")
  elseif(SLEEPER_SANITIZERS MATCHES "thread")
    math(EXPR arg_TIMEOUT "5 * ${arg_TIMEOUT}")
  endif()
  set_tests_properties(${test} PROPERTIES
    TIMEOUT ${arg_TIMEOUT}
    LABELS "${arg_LABELS}"
    ENVIRONMENT "${SLEEPER_TEST_ENVIRONMENT}")
endfunction()

# sleeper_python_test(<name> COMMAND <script> [arguments …] [LABELS …] [TIMEOUT <seconds>]): a test written in Python.
function(sleeper_python_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "COMMAND;LABELS")
  add_test(NAME ${name}${SLEEPER_TEST_SUFFIX}
    COMMAND "${SLEEPER_PYTHON}" ${arg_COMMAND} WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
  sleeper_test_settings(${name}${SLEEPER_TEST_SUFFIX} LABELS ${arg_LABELS} TIMEOUT ${arg_TIMEOUT})
endfunction()

# sleeper_benchmark(<name> SOURCES … [ROOMS …] [LIBRARIES …]): a Google Benchmark binary.
function(sleeper_benchmark name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;ROOMS;LIBRARIES")
  add_executable(${name} ${arg_SOURCES})
  _sleeper_target(${name})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}")
  _sleeper_link_testing(${name} PRIVATE ${arg_ROOMS})
  _sleeper_link_rooms(${name} PRIVATE ${arg_ROOMS})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES} benchmark::benchmark benchmark::benchmark_main)
  target_compile_definitions(${name} PRIVATE SLEEPER_SOURCE_FOLDER="${PROJECT_SOURCE_DIR}")
endfunction()

# sleeper_program(<name> SOURCES … [ROOMS …] [TESTING_ROOMS …] [LIBRARIES …]): a program with its own main. TESTING_ROOMS
# are rooms whose testing library it links, for simulators and generators.
function(sleeper_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;ROOMS;TESTING_ROOMS;LIBRARIES")
  add_executable(${name} ${arg_SOURCES})
  _sleeper_target(${name})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}")
  target_compile_definitions(${name} PRIVATE SLEEPER_VERSION="${PROJECT_VERSION}")
  _sleeper_link_testing(${name} PRIVATE ${arg_TESTING_ROOMS})
  _sleeper_link_rooms(${name} PRIVATE ${arg_ROOMS} ${arg_TESTING_ROOMS})
  target_link_libraries(${name} PRIVATE ${arg_LIBRARIES})
endfunction()

# sleeper_flatbuffers(<target> <schema.fbs> [OPTIONS <flatc options>…])
# Generates <schema>_generated.h before <target> is compiled; included as "<folder below src>/<schema>_generated.h".
function(sleeper_flatbuffers target schema)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "OPTIONS")
  get_filename_component(schema "${schema}" ABSOLUTE)
  get_filename_component(stem "${schema}" NAME_WE)
  get_filename_component(folder "${schema}" DIRECTORY)
  file(RELATIVE_PATH folder "${PROJECT_SOURCE_DIR}/src" "${folder}")
  set(root "${PROJECT_BINARY_DIR}/generated")
  set(header "${root}/${folder}/${stem}_generated.h")
  file(GLOB schemas CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.fbs")
  add_custom_command(
    OUTPUT "${header}"
    COMMAND "${SLEEPER_FLATC}" --cpp --cpp-std c++17 --scoped-enums ${arg_OPTIONS} -o "${root}/${folder}" "${schema}"
    DEPENDS ${schemas}
    COMMENT "flatc ${folder}/${stem}.fbs"
    VERBATIM)
  add_custom_target(${target}_${stem}_flatbuffers DEPENDS "${header}")
  add_dependencies(${target} ${target}_${stem}_flatbuffers)
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "INTERFACE_LIBRARY")
    set(kind INTERFACE)
  else()
    set(kind PUBLIC)
  endif()
  target_include_directories(${target} SYSTEM ${kind} $<BUILD_INTERFACE:${root}>)
  target_link_libraries(${target} ${kind} flatbuffers::flatbuffers)
endfunction()
