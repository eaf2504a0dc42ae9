#pragma once

namespace proxseg::cli {

// The program: runs the command that argv names and returns its exit code.
int main(int argc, char** argv);

}  // namespace proxseg::cli
