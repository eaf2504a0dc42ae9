namespace proxseg::cli {
int main(int argc, char** argv);  // main.cpp
}

int main(int argc, char** argv) { return proxseg::cli::main(argc, argv); }
