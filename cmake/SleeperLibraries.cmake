# The distribution's libraries that the rooms link, for the build of the tree and, installed, for find_package(Sleeper).

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
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(lz4 REQUIRED IMPORTED_TARGET liblz4)
pkg_check_modules(snappy REQUIRED IMPORTED_TARGET snappy)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)

# FlatBuffers' package has changed its name between releases.
find_path(SLEEPER_FLATBUFFERS_INCLUDE_DIR flatbuffers/flatbuffers.h REQUIRED)
mark_as_advanced(SLEEPER_FLATBUFFERS_INCLUDE_DIR)
if(NOT TARGET flatbuffers::flatbuffers)
  find_library(SLEEPER_FLATBUFFERS_LIBRARY flatbuffers REQUIRED)
  mark_as_advanced(SLEEPER_FLATBUFFERS_LIBRARY)
  add_library(flatbuffers::flatbuffers UNKNOWN IMPORTED)
  set_target_properties(flatbuffers::flatbuffers PROPERTIES
    IMPORTED_LOCATION "${SLEEPER_FLATBUFFERS_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${SLEEPER_FLATBUFFERS_INCLUDE_DIR}")
endif()
