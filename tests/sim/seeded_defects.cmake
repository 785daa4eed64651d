# sleeper_seeded_sources(<prefix> <defects>): copies of the product's sources with all defects of a file like
# tests/sim/seeded_defects.txt in their code, each behind a switch. <prefix>_FILES are the copies and the header with the
# switch, <prefix>_FOLDER is where headers are to be looked for first.
function(sleeper_seeded_sources prefix defects)
  set(script "${PROJECT_SOURCE_DIR}/tests/sim/seed_defects.py")
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
  endforeach()
  set(${prefix}_FILES "${seeded_files}" PARENT_SCOPE)
  set(${prefix}_FOLDER "${generated}" PARENT_SCOPE)
endfunction()
