# Installs BUILD into FOLDER, builds EXAMPLES against it with GENERATOR, COMPILER and FLAGS, and runs them; with OpenCV on frames of DATA.
function(run)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${FOLDER} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${FOLDER}/prefix)
run(${CMAKE_COMMAND} -G ${GENERATOR} -S ${EXAMPLES} -B build -D CMAKE_PREFIX_PATH=${FOLDER}/prefix -D CMAKE_CXX_COMPILER=${COMPILER}
    "-DCMAKE_CXX_FLAGS=${FLAGS}" -D CMAKE_BUILD_TYPE=Release)
run(${CMAKE_COMMAND} --build build)

run(build/low_rank_prior)
if(EXISTS ${FOLDER}/prefix/bin/proxseg)
  run(prefix/bin/proxseg train --input ${DATA} --output run --set train.steps=2 --set train.batch=4 --set model.channels=4)
  run(build/webcam run ${DATA}/input/in%06d.jpg)
  if(NOT EXISTS ${FOLDER}/masks.avi)
    message(FATAL_ERROR "webcam wrote no masks")
  endif()
endif()
file(REMOVE_RECURSE ${FOLDER})
