# What cmake --install puts where: the program, the libraries with their headers, and what find_package(proxseg) reads.
include(CMakePackageConfigHelpers)

set(PROXSEG_COMPONENTS ${modules})
list(REMOVE_ITEM PROXSEG_COMPONENTS cli tools)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/proxseg)

set_target_properties(proxseg_options PROPERTIES EXPORT_NAME options)
install(TARGETS proxseg_options EXPORT proxseg COMPONENT library)
foreach(component IN LISTS PROXSEG_COMPONENTS)
  set_target_properties(proxseg_${component} PROPERTIES EXPORT_NAME ${component})
  install(TARGETS proxseg_${component} EXPORT proxseg COMPONENT library)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/proxseg/${component}
          DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/proxseg COMPONENT library)
endforeach()
install(EXPORT proxseg NAMESPACE proxseg:: FILE proxsegTargets.cmake DESTINATION ${package_folder} COMPONENT library)

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/proxsegConfig.cmake.in
                              ${PROJECT_BINARY_DIR}/proxsegConfig.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/proxsegConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/proxsegConfig.cmake ${PROJECT_BINARY_DIR}/proxsegConfigVersion.cmake
        DESTINATION ${package_folder} COMPONENT library)

if(TARGET proxseg)
  install(TARGETS proxseg COMPONENT program)
  # The launcher looks for it there, beside its own folder.
  install(TARGETS proxseg_program DESTINATION libexec/proxseg COMPONENT program)
  include(ProxsegPackage)
endif()
