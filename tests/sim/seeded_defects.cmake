# The program sim_defects: the product with all defects of seeded_defects.txt in its code, each behind a switch.

set(defects "${CMAKE_CURRENT_SOURCE_DIR}/seeded_defects.txt")
set(script "${CMAKE_CURRENT_SOURCE_DIR}/seed_defects.py")
set(generated "${CMAKE_CURRENT_BINARY_DIR}/seeded")
file(MAKE_DIRECTORY "${generated}")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${defects}")

add_custom_command(
  OUTPUT "${generated}/seeded_defects.h"
  COMMAND "${SLEEPER_PYTHON}" "${script}" "${defects}" header "${generated}/seeded_defects.h"
  DEPENDS "${defects}" "${script}"
  COMMENT "the list of the seeded defects"
  VERBATIM)
set(seeded_files "${generated}/seeded_defects.h")

file(STRINGS "${defects}" places REGEX "^in ")
list(TRANSFORM places REPLACE "^in +" "")
list(REMOVE_DUPLICATES places)
set(seeded_headers FALSE)
foreach(place IN LISTS places)
  # Beside the original, as far as the compiler is concerned: headers are found by the same name.
  string(REGEX REPLACE "^src/" "" inside "${place}")
  set(output "${generated}/${inside}")
  get_filename_component(folder "${output}" DIRECTORY)
  file(MAKE_DIRECTORY "${folder}")
  add_custom_command(
    OUTPUT "${output}"
    COMMAND "${SLEEPER_PYTHON}" "${script}" "${defects}" source "${PROJECT_SOURCE_DIR}" "${place}" "${output}"
    DEPENDS "${defects}" "${script}" "${PROJECT_SOURCE_DIR}/${place}"
    COMMENT "seeding defects into ${place}"
    VERBATIM)
  list(APPEND seeded_files "${output}")
  if(place MATCHES "_impl\\.h$")
    set(seeded_headers TRUE)
  endif()
endforeach()
# Those that instantiate what is in the headers.
if(seeded_headers)
  list(APPEND seeded_files
    "${PROJECT_SOURCE_DIR}/src/sleeper/state/table_log.cc" "${PROJECT_SOURCE_DIR}/src/sleeper/state/registry_log.cc")
endif()

# Its objects come first, so that the linker has no use for the sound ones of the libraries.
sleeper_program(sim_defects SOURCES defects_main.cc defect_search.cc ${seeded_files}
  LIBRARIES sleeper_sim_scenarios fmt::fmt)
target_include_directories(sim_defects BEFORE PRIVATE "${generated}")
