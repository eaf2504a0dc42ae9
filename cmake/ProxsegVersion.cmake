# cmake -D VERSION=... -D SOURCES=... -D TEMPLATE=... -D OUTPUT=... -P ProxsegVersion.cmake
# Writes OUTPUT from TEMPLATE with the version and the commit of SOURCES, and leaves it alone where nothing has changed.
execute_process(COMMAND git describe --always --dirty --exclude=*
                WORKING_DIRECTORY ${SOURCES} OUTPUT_VARIABLE COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
