# cpack in the build folder makes proxseg_VERSION_ARCHITECTURE.deb: the program, its manual page and its completion.
# Needs dpkg-dev, which finds the libraries that the package depends on.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "The proxseg authors")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL program)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME proxseg)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Debian's LibTorch takes any BLAS, and the reference one is ten times slower.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS libopenblas0-pthread)
include(CPack)

set(shell_folder ${PROJECT_BINARY_DIR}/shell)
add_custom_command(
  OUTPUT ${shell_folder}/proxseg.1 ${shell_folder}/proxseg
  COMMAND ${CMAKE_COMMAND} -E make_directory ${shell_folder}
  COMMAND proxseg manual > ${shell_folder}/proxseg.1
  COMMAND proxseg completion > ${shell_folder}/proxseg
  DEPENDS proxseg)
add_custom_target(proxseg_shell ALL DEPENDS ${shell_folder}/proxseg.1 ${shell_folder}/proxseg)
install(FILES ${shell_folder}/proxseg.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program)
install(FILES ${shell_folder}/proxseg DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT program)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/proxseg RENAME copyright
        COMPONENT program)
