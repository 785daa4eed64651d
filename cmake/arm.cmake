# Builds for 64-bit ARM on another machine, with Debian's cross compiler; tests run under QEMU. tools/arm_sysroot.sh makes
# the folder in SLEEPER_ARM_FOLDER, ./dev port arm calls it.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)

set(SLEEPER_ARM_FOLDER "${CMAKE_CURRENT_LIST_DIR}/../build/arm-sysroot" CACHE PATH "What tools/arm_sysroot.sh made")
# The checks of a compiler are projects of their own, to which this is handed.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SLEEPER_ARM_FOLDER)
cmake_path(ABSOLUTE_PATH SLEEPER_ARM_FOLDER NORMALIZE OUTPUT_VARIABLE folder)

set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++-12)
set(CMAKE_SYSROOT "${folder}/root")
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static;-L;${CMAKE_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_SYSROOT_DIR} "${CMAKE_SYSROOT}")
set(ENV{PKG_CONFIG_LIBDIR} "${CMAKE_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig:${CMAKE_SYSROOT}/usr/share/pkgconfig")
set(SLEEPER_ARROW_WHEEL "${folder}/wheel/pyarrow" CACHE PATH "The package folder of an unpacked pyarrow wheel")
