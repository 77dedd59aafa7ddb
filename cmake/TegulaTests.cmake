# Tests are registered by comment lines in the files that they test, normally the last ones:
#
#   //TEST np=1,3,4 args="--n 64" expect="checksum 5de1" timeout=60 labels=slow name=small
#
# (#TEST in scripts). All keys are optional, several lines are several tests.
#   np       rank counts, one test each, named NAME.npN and run by mpirun; absent: a plain process
#   args     arguments; ${TEGULA_BUILD}, ${TEGULA_SOURCE} and ${TEGULA_SHARED} are filled in
#   expect   text that stdout must contain, beside exit status 0
#   timeout  seconds, 120 by default; with sanitisers there is more time
#   labels   for ctest -L, separated by commas
#   name     suffix of the test's name; without it the second line is NAME.2, and so on
# Exit status 77 means skipped. Each test runs in a folder of its own, build/tests/work/NAME.

# Open MPI must be told that more ranks than cores are meant; others do not know the word.
set(oversubscribe)
if(TEGULA_MPIEXEC_VERSION MATCHES "Open MPI|OpenRTE")
    set(oversubscribe --oversubscribe)
endif()
set(TEGULA_MPIRUN_FLAGS "${oversubscribe}" CACHE STRING "Flags for mpirun before -n N in tests")
string(REPLACE ";" " " mpirun_words "${MPIEXEC_EXECUTABLE} ${TEGULA_MPIRUN_FLAGS}")
find_program(TEGULA_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)
find_program(TEGULA_PYTHON python3 REQUIRED)
find_program(TEGULA_BASH bash REQUIRED)
cmake_path(SET TEGULA_SHARED NORMALIZE ${PROJECT_SOURCE_DIR}/../shared)

set(TEGULA_TEST_ENVIRONMENT
    TEGULA_BUILD=${PROJECT_BINARY_DIR}
    TEGULA_SOURCE=${PROJECT_SOURCE_DIR}
    TEGULA_SHARED=${TEGULA_SHARED}
    "TEGULA_MPIRUN=${mpirun_words}"
    OMPI_ALLOW_RUN_AS_ROOT=1
    OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
    OMPI_MCA_rmaps_base_oversubscribe=1
    OMPI_MCA_mpi_yield_when_idle=1
    OMPI_MCA_hwloc_base_binding_policy=none
    OMPI_MCA_btl_base_warn_component_unused=0
    # No other network is tried: the library for Omni-Path sleeps for 0.2 s when it is loaded.
    OMPI_MCA_pml=ob1
    # Plugins that Open MPI loads and unloads look like leaks: the context's own count decides, and a
    # program that leaves a result behind exits with 1.
    TEGULA_CHECK_LEAKS=1
    ASAN_OPTIONS=detect_leaks=0
    UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
    TSAN_OPTIONS=halt_on_error=1:suppressions=${PROJECT_SOURCE_DIR}/cmake/tsan.supp)

# How many times slower a test may be; scripts find it in the environment.
set(TEGULA_TEST_PATIENCE 1)
if(TEGULA_SANITIZE MATCHES "thread")
    set(TEGULA_TEST_PATIENCE 8)
elseif(TEGULA_SANITIZE)
    set(TEGULA_TEST_PATIENCE 3)
endif()

# The TEST lines of a file, as a list in OUT. Characters that upset CMake lists travel disguised.
function(tegula_test_lines file out)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(READ ${file} text)
    string(ASCII 1 semicolon)
    string(ASCII 2 open)
    string(ASCII 3 close)
    string(REPLACE ";" "${semicolon}" text "${text}")
    string(REPLACE "[" "${open}" text "${text}")
    string(REPLACE "]" "${close}" text "${text}")
    string(REGEX MATCHALL "\n(//|#)TEST[^\n]*" lines "\n${text}")
    if(NOT lines)
        set(lines "//TEST")
    endif()
    set(${out} "${lines}" PARENT_SCOPE)
endfunction()

# The value of KEY in a TEST line, or nothing. Words with spaces are quoted: key="a b".
function(tegula_test_key line key out)
    set(value)
    if(line MATCHES "[ \t]${key}=\"([^\"]*)\"")
        set(value "${CMAKE_MATCH_1}")
    elseif(line MATCHES "[ \t]${key}=([^ \t\"]+)")
        set(value "${CMAKE_MATCH_1}")
    endif()
    string(ASCII 1 semicolon)
    string(ASCII 2 open)
    string(ASCII 3 close)
    string(REPLACE "${semicolon}" "\\;" value "${value}")
    string(REPLACE "${open}" "[" value "${value}")
    string(REPLACE "${close}" "]" value "${value}")
    set(${out} "${value}" PARENT_SCOPE)
endfunction()

# One test of ctest. Uses `expect`, `timeout` and `labels` of the caller.
function(tegula_add_one_test name processors command)
    if(expect)
        list(PREPEND command ${CMAKE_COMMAND} "-DEXPECT=${expect}"
            -P ${PROJECT_SOURCE_DIR}/cmake/expect.cmake --)
    endif()
    math(EXPR patient_timeout "${timeout} * ${TEGULA_TEST_PATIENCE}")
    set(folder ${PROJECT_BINARY_DIR}/tests/work/${name})
    file(MAKE_DIRECTORY ${folder})
    add_test(NAME ${name} COMMAND ${command} WORKING_DIRECTORY ${folder})
    set_tests_properties(${name} PROPERTIES
        ENVIRONMENT "${TEGULA_TEST_ENVIRONMENT};TEGULA_TEST_PATIENCE=${TEGULA_TEST_PATIENCE}"
        SKIP_RETURN_CODE 77
        PROCESSORS ${processors}
        TIMEOUT ${patient_timeout}
        LABELS "${labels}")
    if(expect)
        set_tests_properties(${name} PROPERTIES SKIP_REGULAR_EXPRESSION TEGULA-TEST-SKIPPED)
    endif()
endfunction()

# tegula_register_tests(NAME FILE COMMAND... [SCRIPT]): all tests that the TEST lines of FILE ask for.
# Scripts start mpirun themselves, by the words of TEGULA_MPIRUN.
function(tegula_register_tests name file)
    cmake_parse_arguments(PARSE_ARGV 2 arg "SCRIPT" "" "COMMAND")
    tegula_test_lines(${file} lines)
    set(number 0)
    foreach(line IN LISTS lines)
        math(EXPR number "${number} + 1")
        foreach(key np args expect timeout labels name)
            tegula_test_key("${line}" ${key} key_${key})
        endforeach()
        set(expect "${key_expect}")
        set(timeout 120)
        if(key_timeout)
            set(timeout ${key_timeout})
        endif()
        string(REPLACE "," ";" labels "${key_labels}")
        string(REPLACE "," ";" counts "${key_np}")
        foreach(variable TEGULA_SHARED TEGULA_SOURCE)
            string(REPLACE "\${${variable}}" "${${variable}}" key_args "${key_args}")
        endforeach()
        string(REPLACE "\${TEGULA_BUILD}" "${PROJECT_BINARY_DIR}" key_args "${key_args}")
        separate_arguments(words UNIX_COMMAND "${key_args}")
        set(test ${name})
        if(key_name)
            string(APPEND test .${key_name})
        elseif(number GREATER 1)
            string(APPEND test .${number})
        endif()
        if(counts AND NOT arg_SCRIPT)
            foreach(np IN LISTS counts)
                set(processors 2)
                if(np EQUAL 1)
                    set(processors 1)
                endif()
                tegula_add_one_test(${test}.np${np} ${processors} "${MPIEXEC_EXECUTABLE};\
${TEGULA_MPIRUN_FLAGS};${MPIEXEC_NUMPROC_FLAG};${np};${arg_COMMAND};${words}")
            endforeach()
        else()
            tegula_add_one_test(${test} 1 "${arg_COMMAND};${words}")
        endif()
    endforeach()
endfunction()
