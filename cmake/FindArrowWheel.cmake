# Arrow and Parquet from the pyarrow wheel of the project's virtual environment, which carries headers and shared libraries.
#
# Input:   SLEEPER_PYTHON, a Python that has pyarrow;
#          or SLEEPER_ARROW_WHEEL, the folder pyarrow/ of an unpacked wheel, for processors whose Python cannot run here.
# Targets: Arrow::arrow_shared and Parquet::parquet_shared, the names that Arrow's own CMake packages use.
# Output:  ArrowWheel_FOUND, ArrowWheel_VERSION, ArrowWheel_INCLUDE_DIR, ArrowWheel_LIBRARY_DIR,
#          ArrowWheel_LIBRARIES, ArrowWheel_LICENSE_DIR.

set(ArrowWheel_FAILURE "")
if(SLEEPER_ARROW_WHEEL)
  file(GLOB metadata LIST_DIRECTORIES true "${SLEEPER_ARROW_WHEEL}-*.dist-info")
  if(metadata MATCHES "/pyarrow-([0-9.]+)\\.dist-info$")
    set(ArrowWheel_VERSION "${CMAKE_MATCH_1}")
    set(ArrowWheel_INCLUDE_DIR "${SLEEPER_ARROW_WHEEL}/include")
    set(ArrowWheel_LIBRARY_DIR "${SLEEPER_ARROW_WHEEL}")
    set(ArrowWheel_LICENSE_DIR "${metadata}/licenses")
  else()
    set(ArrowWheel_FAILURE "there is no unpacked pyarrow wheel at '${SLEEPER_ARROW_WHEEL}'")
  endif()
elseif(NOT SLEEPER_PYTHON OR NOT EXISTS "${SLEEPER_PYTHON}")
  set(ArrowWheel_FAILURE "there is no Python at '${SLEEPER_PYTHON}'")
else()
  execute_process(
    COMMAND "${SLEEPER_PYTHON}" -c
      "import pyarrow; print(pyarrow.__version__, pyarrow.get_include(), pyarrow.get_library_dirs()[0], sep='\\n')"
    OUTPUT_VARIABLE answer
    ERROR_VARIABLE complaint
    RESULT_VARIABLE code
    OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(code EQUAL 0)
    string(REPLACE "\n" ";" answer "${answer}")
    list(GET answer 0 ArrowWheel_VERSION)
    list(GET answer 1 ArrowWheel_INCLUDE_DIR)
    list(GET answer 2 ArrowWheel_LIBRARY_DIR)
    set(ArrowWheel_LICENSE_DIR "${ArrowWheel_LIBRARY_DIR}-${ArrowWheel_VERSION}.dist-info/licenses")
  else()
    set(ArrowWheel_FAILURE "${SLEEPER_PYTHON} cannot import pyarrow: ${complaint}")
  endif()
endif()

# The wheel holds libarrow.so.2600 and the like, without the plain name that a linker looks for.
function(_arrow_wheel_library name result)
  file(GLOB found LIST_DIRECTORIES false "${ArrowWheel_LIBRARY_DIR}/lib${name}.so.*")
  list(SORT found COMPARE NATURAL ORDER DESCENDING)
  set(library "")
  if(found)
    list(GET found 0 library)
  endif()
  set(${result} "${library}" PARENT_SCOPE)
endfunction()

set(ArrowWheel_ARROW "")
set(ArrowWheel_PARQUET "")
if(ArrowWheel_LIBRARY_DIR)
  _arrow_wheel_library(arrow ArrowWheel_ARROW)
  _arrow_wheel_library(parquet ArrowWheel_PARQUET)
  if(NOT ArrowWheel_ARROW OR NOT ArrowWheel_PARQUET)
    set(ArrowWheel_FAILURE "no libarrow.so.* and libparquet.so.* in ${ArrowWheel_LIBRARY_DIR}")
  endif()
endif()
set(ArrowWheel_LIBRARIES ${ArrowWheel_ARROW} ${ArrowWheel_PARQUET})

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(ArrowWheel
  REQUIRED_VARS ArrowWheel_ARROW ArrowWheel_PARQUET ArrowWheel_INCLUDE_DIR
  VERSION_VAR ArrowWheel_VERSION
  REASON_FAILURE_MESSAGE "${ArrowWheel_FAILURE}")

if(ArrowWheel_FOUND AND NOT TARGET Arrow::arrow_shared)
  add_library(Arrow::arrow_shared SHARED IMPORTED GLOBAL)
  set_target_properties(Arrow::arrow_shared PROPERTIES
    IMPORTED_LOCATION "${ArrowWheel_ARROW}"
    INTERFACE_INCLUDE_DIRECTORIES "${ArrowWheel_INCLUDE_DIR}")
  add_library(Parquet::parquet_shared SHARED IMPORTED GLOBAL)
  set_target_properties(Parquet::parquet_shared PROPERTIES
    IMPORTED_LOCATION "${ArrowWheel_PARQUET}"
    INTERFACE_INCLUDE_DIRECTORIES "${ArrowWheel_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES Arrow::arrow_shared)
endif()
