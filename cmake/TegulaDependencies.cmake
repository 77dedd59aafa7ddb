# What we build on (reasons in README.md; Debian packages in cmake/packages.txt).

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
set(MPI_CXX_SKIP_MPICXX ON)
find_package(MPI REQUIRED COMPONENTS C)
execute_process(COMMAND ${MPIEXEC_EXECUTABLE} --version
    OUTPUT_VARIABLE TEGULA_MPIEXEC_VERSION ERROR_VARIABLE TEGULA_MPIEXEC_VERSION)
if(NOT TEGULA_MPIEXEC_VERSION MATCHES "Open MPI|OpenRTE")
    # In MPICH's header a call with MPI_STATUSES_IGNORE looks to gcc like a write to address 1.
    set_property(TARGET MPI::MPI_C APPEND PROPERTY
        INTERFACE_COMPILE_OPTIONS -Wno-stringop-overflow)
    set_property(TARGET MPI::MPI_C APPEND PROPERTY INTERFACE_LINK_OPTIONS -Wno-stringop-overflow)
endif()
pkg_check_modules(HWLOC REQUIRED IMPORTED_TARGET hwloc)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(DEFLATE REQUIRED IMPORTED_TARGET libdeflate)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(BLOSC REQUIRED IMPORTED_TARGET blosc)
pkg_check_modules(LZ4 IMPORTED_TARGET liblz4)
pkg_check_modules(LZMA IMPORTED_TARGET liblzma)
find_package(BZip2)
pkg_check_modules(JSONC REQUIRED IMPORTED_TARGET json-c)
pkg_check_modules(SLEEF REQUIRED IMPORTED_TARGET sleef)

# The serial HDF5: the parallel one would bring <mpi.h> into every file that includes hdf5.h.
set(HDF5_PREFER_PARALLEL OFF)
find_package(HDF5 REQUIRED COMPONENTS C)
if(HDF5_IS_PARALLEL)
    message(FATAL_ERROR "HDF5 at ${HDF5_C_INCLUDE_DIRS} is the parallel flavour; the serial one is "
        "needed: install libhdf5-dev or set HDF5_ROOT")
endif()

# nifti2 reads and writes NIfTI-1 and NIfTI-2; its symbols clash with niftiio, which is left out.
find_path(NIFTI_INCLUDE_DIR nifti2_io.h PATH_SUFFIXES nifti REQUIRED)
find_library(NIFTI2_LIBRARY nifti2 REQUIRED)
find_library(ZNZ_LIBRARY znz REQUIRED)
mark_as_advanced(NIFTI_INCLUDE_DIR NIFTI2_LIBRARY ZNZ_LIBRARY)
add_library(Nifti::nifti2 INTERFACE IMPORTED)
target_include_directories(Nifti::nifti2 SYSTEM INTERFACE ${NIFTI_INCLUDE_DIR})
target_link_libraries(Nifti::nifti2 INTERFACE ${NIFTI2_LIBRARY} ${ZNZ_LIBRARY})

# OpenBLAS for threads: it uses one a call, but our tasks call it from several, and Debian's serial
# flavour has no locks. It is not linked but loaded at first use (arrays/kernel/blas.c).
find_path(OPENBLAS_PTHREAD_INCLUDE_DIR openblas_config.h PATH_SUFFIXES openblas-pthread openblas
    REQUIRED)
find_library(OPENBLAS_PTHREAD_LIBRARY openblas PATH_SUFFIXES openblas-pthread openblas REQUIRED)
mark_as_advanced(OPENBLAS_PTHREAD_INCLUDE_DIR OPENBLAS_PTHREAD_LIBRARY)
add_library(OpenBLAS::pthread INTERFACE IMPORTED)
target_include_directories(OpenBLAS::pthread SYSTEM INTERFACE ${OPENBLAS_PTHREAD_INCLUDE_DIR})
target_link_libraries(OpenBLAS::pthread INTERFACE ${CMAKE_DL_LIBS})
set_source_files_properties(arrays/kernel/blas.c PROPERTIES
    COMPILE_DEFINITIONS TG_OPENBLAS="${OPENBLAS_PTHREAD_LIBRARY}.0")
