# Libraries, headers, programs, and what lets another project find them: tegula.pc, TegulaConfig.cmake.

include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Tegula)

install(TARGETS tegula_runtime tegula EXPORT TegulaTargets)
if(app_names)
    install(TARGETS ${app_names})
endif()
foreach(folder runtime arrays)
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder}/include/
        TYPE INCLUDE FILES_MATCHING PATTERN "*.h")
endforeach()

install(EXPORT TegulaTargets NAMESPACE Tegula:: DESTINATION ${package_dir})
configure_package_config_file(cmake/TegulaConfig.cmake.in ${PROJECT_BINARY_DIR}/TegulaConfig.cmake
    INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/TegulaConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/TegulaConfig.cmake
    ${PROJECT_BINARY_DIR}/TegulaConfigVersion.cmake DESTINATION ${package_dir})

# A static libtegula leaves its own libraries to the program; a shared one knows them itself.
set(TEGULA_PC_REQUIRES)
set(TEGULA_PC_LIBS)
if(NOT BUILD_SHARED_LIBS)
    set(TEGULA_PC_REQUIRES "hwloc libxxhash libdeflate libzstd blosc json-c sleef zlib")
    foreach(codec IN ITEMS LZ4 LZMA)
        if(${codec}_FOUND)
            string(TOLOWER "${codec}" name)
            string(APPEND TEGULA_PC_REQUIRES " lib${name}")
        endif()
    endforeach()
    list(JOIN MPI_C_LIBRARIES " " mpi_libraries)
    list(JOIN HDF5_C_LIBRARIES " " hdf5_libraries)
    set(TEGULA_PC_LIBS "${NIFTI2_LIBRARY} ${ZNZ_LIBRARY} ${BZIP2_LIBRARIES} ${hdf5_libraries} ${mpi_libraries} -lm")
endif()
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX
    BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig OUTPUT_VARIABLE TEGULA_PC_PREFIX)
configure_file(cmake/tegula.pc.in tegula.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/tegula.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
