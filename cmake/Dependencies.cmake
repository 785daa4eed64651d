# Everything that is not ours: Arrow and Parquet, the distribution's libraries, Python for tests.
#
# Targets for the LIBRARIES of a room: fmt::fmt spdlog::spdlog nlohmann_json::nlohmann_json CLI11::CLI11 pugixml::pugixml
# CURL::libcurl OpenSSL::Crypto flatbuffers::flatbuffers PkgConfig::zstd PkgConfig::lz4 PkgConfig::snappy PkgConfig::xxhash

set(SLEEPER_PYTHON "${PROJECT_SOURCE_DIR}/.venv/bin/python" CACHE FILEPATH
  "Python with pyarrow; also runs the tests that are written in Python")

# Arrow: an installed one first, then the pyarrow wheel. Older releases were not tried.
set(SLEEPER_ARROW_VERSION_MIN 26)
option(SLEEPER_ARROW_WHEEL_ONLY "Take Arrow from the pyarrow wheel even if another one is installed" OFF)
set(SLEEPER_ARROW_FROM_WHEEL OFF)
if(NOT SLEEPER_ARROW_WHEEL_ONLY)
  find_package(Arrow CONFIG QUIET)
  if(Arrow_FOUND AND Arrow_VERSION VERSION_GREATER_EQUAL SLEEPER_ARROW_VERSION_MIN)
    find_package(Parquet CONFIG QUIET)
  endif()
endif()
if(Parquet_FOUND AND TARGET Arrow::arrow_shared AND TARGET Parquet::parquet_shared)
  message(STATUS "Arrow ${Arrow_VERSION}: installed, ${Arrow_DIR}")
else()
  if(TARGET Arrow::arrow_shared)
    message(FATAL_ERROR "Arrow ${Arrow_VERSION} in ${Arrow_DIR} is older than ${SLEEPER_ARROW_VERSION_MIN} or has no "
      "Parquet. Pass -DSLEEPER_ARROW_WHEEL_ONLY=ON to use the pyarrow wheel instead.")
  endif()
  find_package(ArrowWheel ${SLEEPER_ARROW_VERSION_MIN} QUIET)
  if(NOT ArrowWheel_FOUND)
    message(FATAL_ERROR "Neither an installed Arrow (${SLEEPER_ARROW_VERSION_MIN} or newer) nor a pyarrow wheel was found: "
      "${ArrowWheel_FAILURE}\nRun ./dev setup.")
  endif()
  set(SLEEPER_ARROW_FROM_WHEEL ON)
  message(STATUS "Arrow ${ArrowWheel_VERSION}: pyarrow wheel, ${ArrowWheel_LIBRARY_DIR}")
endif()

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED CONFIG)
find_package(spdlog REQUIRED CONFIG)
find_package(nlohmann_json REQUIRED CONFIG)
find_package(CLI11 REQUIRED CONFIG)
find_package(pugixml REQUIRED CONFIG)
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED)
# The distributions differ in whether these come with CMake files, but all have pkg-config's.
find_package(PkgConfig REQUIRED)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET GLOBAL libzstd)
pkg_check_modules(lz4 REQUIRED IMPORTED_TARGET GLOBAL liblz4)
pkg_check_modules(snappy REQUIRED IMPORTED_TARGET GLOBAL snappy)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET GLOBAL libxxhash)

# FlatBuffers in use is header-only; the package's file has changed its name between releases.
find_path(SLEEPER_FLATBUFFERS_INCLUDE_DIR flatbuffers/flatbuffers.h REQUIRED)
find_program(SLEEPER_FLATC flatc REQUIRED)
mark_as_advanced(SLEEPER_FLATBUFFERS_INCLUDE_DIR SLEEPER_FLATC)
if(NOT TARGET flatbuffers::flatbuffers)
  find_library(SLEEPER_FLATBUFFERS_LIBRARY flatbuffers REQUIRED)
  mark_as_advanced(SLEEPER_FLATBUFFERS_LIBRARY)
  add_library(flatbuffers::flatbuffers UNKNOWN IMPORTED GLOBAL)
  set_target_properties(flatbuffers::flatbuffers PROPERTIES
    IMPORTED_LOCATION "${SLEEPER_FLATBUFFERS_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${SLEEPER_FLATBUFFERS_INCLUDE_DIR}")
endif()

if(SLEEPER_BUILD_TESTS)
  find_package(GTest REQUIRED CONFIG)
endif()
if(SLEEPER_BUILD_BENCHMARKS)
  find_package(benchmark REQUIRED CONFIG)
endif()
