# cmake -D EXPECT=TEXT -P expect.cmake -- COMMAND...: passes if COMMAND exits 0 AND prints TEXT on
# stdout. (CTest's PASS_REGULAR_EXPRESSION ignores the exit status.) Exit status 77 means skipped;
# a CMake script cannot pass it on, so it says so in words that CTest looks for.

set(command)
set(seen OFF)
math(EXPR last "${CMAKE_ARGC} - 1")
foreach(i RANGE ${last})
    if(seen)
        string(REPLACE ";" "\\;" word "${CMAKE_ARGV${i}}")
        list(APPEND command "${word}")
    elseif(CMAKE_ARGV${i} STREQUAL "--")
        set(seen ON)
    endif()
endforeach()

execute_process(COMMAND ${command} OUTPUT_VARIABLE out RESULT_VARIABLE status)
message("${out}")
if(status STREQUAL "77")
    message(FATAL_ERROR "TEGULA-TEST-SKIPPED")
elseif(NOT status STREQUAL "0")
    message(FATAL_ERROR "exit status ${status}, expected 0")
endif()
string(FIND "${out}" "${EXPECT}" at)
if(at EQUAL -1)
    message(FATAL_ERROR "no '${EXPECT}' on stdout")
endif()
