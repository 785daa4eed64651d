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
  # No release satisfies this; the search lists those that are there, without taking one.
  find_package(Arrow 100000 CONFIG QUIET)
  foreach(version IN LISTS Arrow_CONSIDERED_VERSIONS)
    if(version VERSION_GREATER_EQUAL SLEEPER_ARROW_VERSION_MIN AND NOT Arrow_FOUND)
      find_package(Arrow ${version} CONFIG QUIET)
      find_package(Parquet ${version} CONFIG QUIET)
    endif()
  endforeach()
endif()
if(Parquet_FOUND AND TARGET Arrow::arrow_shared AND TARGET Parquet::parquet_shared)
  message(STATUS "Arrow ${Arrow_VERSION}: installed, ${Arrow_DIR}")
else()
  if(TARGET Arrow::arrow_shared)
    message(FATAL_ERROR "Arrow ${Arrow_VERSION} in ${Arrow_DIR} has no Parquet. Pass -DSLEEPER_ARROW_WHEEL_ONLY=ON to use "
      "the pyarrow wheel instead.")
  endif()
  find_package(ArrowWheel ${SLEEPER_ARROW_VERSION_MIN} QUIET)
  if(NOT ArrowWheel_FOUND)
    message(FATAL_ERROR "Neither an installed Arrow (${SLEEPER_ARROW_VERSION_MIN} or newer) nor a pyarrow wheel was found: "
      "${ArrowWheel_FAILURE}\nRun ./dev setup.")
  endif()
  set(SLEEPER_ARROW_FROM_WHEEL ON)
  message(STATUS "Arrow ${ArrowWheel_VERSION}: pyarrow wheel, ${ArrowWheel_LIBRARY_DIR}")
endif()

include(SleeperLibraries)
find_program(SLEEPER_FLATC flatc REQUIRED)
mark_as_advanced(SLEEPER_FLATC)

if(SLEEPER_BUILD_TESTS)
  find_package(GTest REQUIRED CONFIG)
endif()
if(SLEEPER_BUILD_BENCHMARKS)
  find_package(benchmark REQUIRED CONFIG)
endif()
