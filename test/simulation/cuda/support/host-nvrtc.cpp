// NVRTC's calls without its compiler: a program's machine code is its options and its source, so that a test sees what
// was handed over; a source that holds "#error" does not compile, and the log says so.
#include <cstring>
#include <string>

#ifndef MAJOR
#define MAJOR 12
#endif

namespace {
struct Program {
  std::string source, code, log;
};
}  // namespace

extern "C" {
int nvrtcVersion(int* major, int* minor) { *major = MAJOR; *minor = 2; return 0; }
int nvrtcCreateProgram(Program** program, const char* source, const char* name, int headers, const char* const*,
                       const char* const*) {
  if (std::strcmp(name, "model.cu") != 0 || headers != 0) return 3;
  *program = new Program{source, "", ""};
  return 0;
}
int nvrtcCompileProgram(Program* program, int count, const char* const* options) {
  for (int index = 0; index < count; ++index) program->code += std::string(options[index]) + "\n";
  program->code += program->source;
  if (program->source.find("#error") == std::string::npos) return 0;
  program->log = "model.cu(1): error: #error directive";
  return 6;
}
int nvrtcGetCUBINSize(Program* program, size_t* size) { *size = program->code.size(); return 0; }
int nvrtcGetCUBIN(Program* program, char* code) { std::memcpy(code, program->code.data(), program->code.size()); return 0; }
int nvrtcGetProgramLogSize(Program* program, size_t* size) { *size = program->log.size() + 1; return 0; }
int nvrtcGetProgramLog(Program* program, char* log) { std::strcpy(log, program->log.c_str()); return 0; }
int nvrtcDestroyProgram(Program** program) { delete *program; *program = nullptr; return 0; }
}
