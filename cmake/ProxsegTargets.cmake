# Functions that declare a module and its tests, and the precompiled headers that these share.
include(GNUInstallDirs)
if(BUILD_SHARED_LIBS)
  # Seen from bin and lib, and from libexec/proxseg.
  set(CMAKE_INSTALL_RPATH $ORIGIN/../${CMAKE_INSTALL_LIBDIR} $ORIGIN/../../${CMAKE_INSTALL_LIBDIR})
endif()

add_library(proxseg_options INTERFACE)
target_compile_features(proxseg_options INTERFACE cxx_std_20)
# GCC 13 and newer report writes out of bounds in LibTorch's autograd::Function::apply() that do not happen.
set(has_false_alarms $<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_GREATER_EQUAL:$<CXX_COMPILER_VERSION>,13>>)
set(proxseg_flags
    -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor $<$<BOOL:${PROXSEG_WARNINGS_AS_ERRORS}>:-Werror>
    $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>
    # A unity build includes sources, and GCC takes their unnamed namespaces for those of a header.
    $<$<AND:$<BOOL:${CMAKE_UNITY_BUILD}>,$<CXX_COMPILER_ID:GNU>>:-Wno-subobject-linkage>
    $<${has_false_alarms}:-Wno-array-bounds> $<${has_false_alarms}:-Wno-stringop-overflow>
    $<$<BOOL:${BUILD_SHARED_LIBS}>:-fPIC>) # everywhere, or the precompiled headers would not fit
target_compile_options(proxseg_options INTERFACE "$<BUILD_INTERFACE:${proxseg_flags}>")
target_include_directories(proxseg_options INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                                     $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

# proxseg_use_torch(TARGET): lets its sources include LibTorch's headers, which take many seconds to compile; core
# precompiles them for all. OpenMP is on because at::parallel_for, an inline function, runs serially without it.
function(proxseg_use_torch target)
  target_link_libraries(${target} PUBLIC torch)
  target_compile_options(${target} PRIVATE ${OpenMP_CXX_FLAGS})
  if(target STREQUAL proxseg_core)
    target_precompile_headers(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src/core/torch.h)
  else()
    target_precompile_headers(${target} REUSE_FROM proxseg_core)
  endif()
endfunction()

# proxseg_add_module(NAME SOURCES ... [LINK ...] [PRIVATE_LINK ...] [TORCH] [COLD])
# Library proxseg_NAME, static unless BUILD_SHARED_LIBS. TORCH: it builds on LibTorch. COLD: its speed
# does not matter, and release builds compile it at -O2, which takes less time.
function(proxseg_add_module name)
  cmake_parse_arguments(ARG "TORCH;COLD" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
  add_library(proxseg_${name} ${ARG_SOURCES})
  add_library(proxseg::${name} ALIAS proxseg_${name})
  set_target_properties(proxseg_${name} PROPERTIES VERSION ${PROJECT_VERSION}
                        SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
                        DEFINE_SYMBOL "") # a macro of each shared library would not fit the precompiled headers
  target_link_libraries(proxseg_${name} PUBLIC proxseg_options ${ARG_LINK} PRIVATE ${ARG_PRIVATE_LINK})
  target_include_directories(proxseg_${name} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  if(ARG_TORCH)
    proxseg_use_torch(proxseg_${name})
  endif()
  if(ARG_COLD) # below -O2, GCC 14 refuses headers that were precompiled with -O3
    target_compile_options(proxseg_${name} PRIVATE $<$<CONFIG:Release>:-O2>)
  endif()
endfunction()

# Test programs are compiled without optimisation and share the precompiled headers of LibTorch and GoogleTest.
if(PROXSEG_BUILD_TESTS)
  add_library(proxseg_test_headers STATIC ${PROJECT_SOURCE_DIR}/tests/support/headers.cpp)
  target_link_libraries(proxseg_test_headers PUBLIC torch GTest::gmock proxseg_options)
  target_include_directories(proxseg_test_headers PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_options(proxseg_test_headers PUBLIC -O0)
  target_precompile_headers(proxseg_test_headers PRIVATE ${PROJECT_SOURCE_DIR}/tests/support/headers.h)
endif()

# proxseg_add_test(NAME [WHOLE] SOURCES ... LINK ...)
# Test program of module NAME; CTest names are NAME/Suite.Case. WHOLE: CTest runs all of it at once, as NAME/all, where each test
# takes less time than a process that loads LibTorch. PROXSEG_TEST_PROPERTIES are further properties of each test.
function(proxseg_add_test name)
  cmake_parse_arguments(ARG "WHOLE" "" "SOURCES;LINK" ${ARGN})
  add_executable(proxseg_${name}_test ${ARG_SOURCES})
  target_link_libraries(proxseg_${name}_test PUBLIC proxseg_options ${ARG_LINK} GTest::gtest_main)
  target_include_directories(proxseg_${name}_test PRIVATE ${PROJECT_SOURCE_DIR}/tests ${PROJECT_SOURCE_DIR}/src)
  target_compile_definitions(proxseg_${name}_test PRIVATE PROXSEG_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(proxseg_${name}_test PUBLIC proxseg_test_headers)
  target_precompile_headers(proxseg_${name}_test REUSE_FROM proxseg_test_headers)
  if(ARG_WHOLE)
    add_test(NAME ${name}/all COMMAND proxseg_${name}_test)
    set_tests_properties(${name}/all PROPERTIES TIMEOUT 1200 ${PROXSEG_TEST_PROPERTIES})
    return()
  endif()
  gtest_discover_tests(proxseg_${name}_test TEST_PREFIX ${name}/ DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 120
                       PROPERTIES TIMEOUT 300 ${PROXSEG_TEST_PROPERTIES})
endfunction()
