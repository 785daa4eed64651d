# cmake --install build/release --prefix <folder>: the program, the libraries of the rooms with their headers, and a package
# for find_package(Sleeper). Arrow from the wheel is copied along, because nobody could find it otherwise.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_folder "${CMAKE_INSTALL_LIBDIR}/cmake/Sleeper")
set(wheel_library_folder "${CMAKE_INSTALL_LIBDIR}/sleeper")
set(wheel_include_folder "${CMAKE_INSTALL_INCLUDEDIR}/sleeper-arrow")

get_property(programs GLOBAL PROPERTY SLEEPER_INSTALLED_PROGRAMS)
get_property(rooms GLOBAL PROPERTY SLEEPER_ROOM_TARGETS)

if(programs)
  if(SLEEPER_ARROW_FROM_WHEEL)
    file(RELATIVE_PATH beside "/${CMAKE_INSTALL_BINDIR}" "/${wheel_library_folder}")
    set_property(TARGET ${programs} PROPERTY INSTALL_RPATH "$ORIGIN/${beside}")
  else()
    set_property(TARGET ${programs} PROPERTY INSTALL_RPATH_USE_LINK_PATH ON)
  endif()
  install(TARGETS ${programs} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()

if(rooms)
  install(TARGETS ${rooms} EXPORT SleeperTargets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
  install(EXPORT SleeperTargets NAMESPACE sleeper:: DESTINATION "${package_folder}")
endif()
install(DIRECTORY "${PROJECT_SOURCE_DIR}/src/sleeper" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  FILES_MATCHING PATTERN "*.h" PATTERN "testing" EXCLUDE)
install(DIRECTORY "${PROJECT_BINARY_DIR}/generated/" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" OPTIONAL
  FILES_MATCHING PATTERN "*.h")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" "${PROJECT_SOURCE_DIR}/NOTICE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")

if(SLEEPER_ARROW_FROM_WHEEL)
  install(FILES ${ArrowWheel_LIBRARIES} DESTINATION "${wheel_library_folder}")
  install(DIRECTORY "${ArrowWheel_INCLUDE_DIR}/arrow" "${ArrowWheel_INCLUDE_DIR}/parquet"
    DESTINATION "${wheel_include_folder}")
  install(DIRECTORY "${ArrowWheel_LICENSE_DIR}/" DESTINATION "${CMAKE_INSTALL_DOCDIR}/arrow" OPTIONAL)
  set(arrow_names "")
  foreach(library IN LISTS ArrowWheel_LIBRARIES)
    cmake_path(GET library FILENAME name)
    list(APPEND arrow_names "${name}")
  endforeach()
  list(GET arrow_names 0 SLEEPER_ARROW_FILE)
  list(GET arrow_names 1 SLEEPER_PARQUET_FILE)
  set(SLEEPER_ARROW_LIBRARY_FOLDER "${wheel_library_folder}")
  set(SLEEPER_ARROW_INCLUDE_FOLDER "${wheel_include_folder}")
endif()

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/SleeperConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/SleeperConfig.cmake"
  INSTALL_DESTINATION "${package_folder}"
  PATH_VARS SLEEPER_ARROW_LIBRARY_FOLDER SLEEPER_ARROW_INCLUDE_FOLDER)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/SleeperConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/SleeperConfig.cmake"
  "${PROJECT_BINARY_DIR}/SleeperConfigVersion.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/SleeperLibraries.cmake"
  DESTINATION "${package_folder}")
