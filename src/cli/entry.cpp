#include "cli/main.h"

int main(int argc, char** argv) { return proxseg::cli::main(argc, argv); }
