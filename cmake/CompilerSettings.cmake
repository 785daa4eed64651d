# Language level, optimisation, sanitizers, warnings and the compiler cache, for every target of the tree.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 12)
  message(FATAL_ERROR "g++ ${CMAKE_CXX_COMPILER_VERSION} is too old: 12 or newer is needed")
endif()

option(SLEEPER_COVERAGE "Count executed lines (gcov)" OFF)
option(SLEEPER_FUZZ "Build the fuzz targets" OFF)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Debug or RelWithDebInfo" FORCE)
endif()

# Line tables only: full debug information doubles the size of the sanitizer binaries and the time to link them.
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")
add_compile_options(-fno-omit-frame-pointer)
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()

# The oldest processor that the program must run on; empty means the compiler's default.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$")
  set(SLEEPER_TARGET_CPU "x86-64-v3" CACHE STRING "Argument of -march")
else()
  set(SLEEPER_TARGET_CPU "" CACHE STRING "Argument of -march")
endif()
if(SLEEPER_TARGET_CPU)
  add_compile_options(-march=${SLEEPER_TARGET_CPU})
endif()

set(SLEEPER_TEST_ENVIRONMENT "")
if(SLEEPER_SANITIZERS)
  add_compile_options(-fsanitize=${SLEEPER_SANITIZERS} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SLEEPER_SANITIZERS})
  # Buffers from Arrow's own allocators have no red zones; those of malloc do.
  list(APPEND SLEEPER_TEST_ENVIRONMENT ARROW_DEFAULT_MEMORY_POOL=system)
  if(SLEEPER_SANITIZERS MATCHES "undefined")
    list(APPEND SLEEPER_TEST_ENVIRONMENT UBSAN_OPTIONS=print_stacktrace=1)
  endif()
  if(SLEEPER_SANITIZERS MATCHES "address")
    list(APPEND SLEEPER_TEST_ENVIRONMENT
      ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1)
  endif()
  if(SLEEPER_SANITIZERS MATCHES "thread")
    list(APPEND SLEEPER_TEST_ENVIRONMENT
      "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/cmake/tsan.supp:second_deadlock_stack=1:halt_on_error=1:atexit_sleep_ms=50")
  endif()
endif()

if(SLEEPER_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "SLEEPER_FUZZ needs clang, whose libFuzzer drives the targets, not ${CMAKE_CXX_COMPILER_ID}")
  endif()
  # Every room tells the engine which branches an input takes. More optimisation costs it more of them than it gains time.
  add_compile_options(-fsanitize=fuzzer-no-link -O1)
endif()

if(SLEEPER_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()

find_program(SLEEPER_CCACHE ccache)
mark_as_advanced(SLEEPER_CCACHE)
if(SLEEPER_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Without the allowances ccache refuses every translation unit that uses a precompiled header. Paths relative to the
  # source folder let build folders of one preset share what is cached.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env
    CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}
    CCACHE_NOHASHDIR=1
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    ${SLEEPER_CCACHE})
endif()

# Applied to our own targets only; headers of others are system headers.
add_library(sleeper_warnings INTERFACE)
target_compile_options(sleeper_warnings INTERFACE
  -Wall
  -Wextra
  -Wpedantic
  -Wshadow
  -Wnon-virtual-dtor
  -Woverloaded-virtual
  -Wextra-semi
  -Wformat=2
  -Wvla
  $<$<CXX_COMPILER_ID:GNU>:-Wsuggest-override -Wduplicated-cond -Wduplicated-branches -Wlogical-op>
  $<$<CXX_COMPILER_ID:Clang,AppleClang>:-Wsuggest-override -Wthread-safety>
  # Aggregates with default member values are initialised by the fields that matter.
  -Wno-missing-field-initializers
  $<$<BOOL:${SLEEPER_DEVELOPER_MODE}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # The stable_sort of libstdc++ 12 calls what it has deprecated itself, and clang reports it where it is used.
  target_compile_options(sleeper_warnings INTERFACE -Wno-deprecated-declarations)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 and 13 report these on correct code, inside the standard library, once it inlines; more so with sanitizers.
  target_compile_options(sleeper_warnings INTERFACE
    -Wno-error=array-bounds
    -Wno-error=dangling-pointer
    -Wno-error=free-nonheap-object
    -Wno-error=maybe-uninitialized
    -Wno-error=null-dereference
    -Wno-error=restrict
    -Wno-error=stringop-overflow
    -Wno-error=stringop-overread)
  if(SLEEPER_SANITIZERS)
    target_compile_options(sleeper_warnings INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()
