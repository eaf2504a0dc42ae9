# cpack in the build folder makes proxseg_VERSION_ARCHITECTURE.deb: the program, its manual page, its completion and a unit for
# systemd.
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
# Debian's LibTorch works with any BLAS, and the reference BLAS is ten times slower.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS libopenblas0-pthread)
include(CPack)

# The program writes its manual page and its completion where they belong, whatever else has been built.
install(CODE [[
  function(write_by_program argument file)
    cmake_path(ABSOLUTE_PATH CMAKE_INSTALL_PREFIX OUTPUT_VARIABLE prefix)
    set(path $ENV{DESTDIR}${prefix}/${file})
    message(STATUS "Writing: ${path}")
    cmake_path(GET path PARENT_PATH folder)
    file(MAKE_DIRECTORY ${folder})
    execute_process(COMMAND $<TARGET_FILE:proxseg> ${argument} OUTPUT_FILE ${path} COMMAND_ERROR_IS_FATAL ANY)
    set(CMAKE_INSTALL_MANIFEST_FILES ${CMAKE_INSTALL_MANIFEST_FILES} ${prefix}/${file} PARENT_SCOPE)
  endfunction()]] COMPONENT program)
install(CODE "
  write_by_program(manual ${CMAKE_INSTALL_MANDIR}/man1/proxseg.1)
  write_by_program(completion ${CMAKE_INSTALL_DATADIR}/bash-completion/completions/proxseg)" COMPONENT program)
# The unit names the program where it is installed.
install(CODE "
  cmake_path(ABSOLUTE_PATH CMAKE_INSTALL_PREFIX OUTPUT_VARIABLE prefix)
  set(bindir \${prefix}/${CMAKE_INSTALL_BINDIR})
  set(unit \${prefix}/lib/systemd/system/proxseg-watch@.service)
  message(STATUS \"Writing: \$ENV{DESTDIR}\${unit}\")
  configure_file(${CMAKE_CURRENT_LIST_DIR}/proxseg-watch@.service.in \$ENV{DESTDIR}\${unit} @ONLY)
  list(APPEND CMAKE_INSTALL_MANIFEST_FILES \${unit})" COMPONENT program)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/proxseg RENAME copyright
        COMPONENT program)
