# How everything here is compiled, in one place.
#
# -ffp-contract=off and the absence of -march and -ffast-math are part of the contract that results
# have the same bits on every machine. -fno-math-errno changes none: it lets sqrt be vectorised.
# --build-id is how a task's function is named across ranks.

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug or Release" FORCE)
endif()
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_C_FLAGS_DEBUG "-O1 -g")
set(CMAKE_C_FLAGS_RELEASE "-O3 -DNDEBUG")
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_INSTALL_RPATH "$ORIGIN;$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")

add_library(tegula_flags INTERFACE)
target_compile_definitions(tegula_flags INTERFACE _GNU_SOURCE)
target_compile_options(tegula_flags INTERFACE
    -ffp-contract=off -fno-math-errno -fno-semantic-interposition
    -Wall -Wextra -Wshadow -Wconversion $<$<BOOL:${TEGULA_WERROR}>:-Werror>)
target_link_options(tegula_flags INTERFACE -Wl,--build-id -Wl,--as-needed)
if(TEGULA_SANITIZE)
    target_compile_options(tegula_flags INTERFACE
        -fsanitize=${TEGULA_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(tegula_flags INTERFACE -fsanitize=${TEGULA_SANITIZE})
endif()

include(CheckIPOSupported)
check_ipo_supported(RESULT TEGULA_HAVE_IPO LANGUAGES C)

# tegula_add_library(TARGET FOLDER): all C files below FOLDER; headers of FOLDER/include are public,
# the folder itself is the root of internal includes ("base/status.h") and private.
function(tegula_add_library target folder)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.c)
    if(NOT sources) # a library needs one translation unit
        set(sources ${PROJECT_BINARY_DIR}/${folder}_empty.c)
        file(WRITE ${sources} "extern int ${target}_has_no_sources_yet;\n")
    endif()
    add_library(${target} ${sources})
    target_include_directories(${target}
        PUBLIC
            $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/${folder}/include>
            $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
        PRIVATE ${PROJECT_SOURCE_DIR}/${folder})
    target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:tegula_flags>)
    target_link_options(${target} PRIVATE -Wl,-Bsymbolic-functions)
    # Programs that use the libraries need a build id as well: their functions become tasks.
    target_link_options(${target} INTERFACE -Wl,--build-id)
    set_target_properties(${target} PROPERTIES
        VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
endfunction()

# tegula_compile_as_whole(TARGET): small functions of other files are inlined, too.
function(tegula_compile_as_whole target)
    if(CMAKE_BUILD_TYPE STREQUAL Release AND TEGULA_HAVE_IPO)
        set_target_properties(${target} PROPERTIES INTERPROCEDURAL_OPTIMIZATION ON)
    endif()
endfunction()
