// Plays libnvrtc.so: compiles with the C++ compiler CXX behind grid.h. The image is a shared library behind an ImageHeader.
#include "fake.h"
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <unistd.h>

enum { invalid_option = 5, compilation = 6 };

struct Program { std::string text, log, image; };

static std::string last_options;

static std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
}

static bool starts_with(const std::string& text, const char* start) { return text.rfind(start, 0) == 0; }

EXPORT const char* nvrtcGetErrorString(int code) { return code == compilation ? "NVRTC_ERROR_COMPILATION" : "NVRTC_ERROR_OTHER"; }
EXPORT int nvrtcVersion(int* major, int* minor) { *major = 12; *minor = 8; return 0; }
EXPORT int nvrtcGetNumSupportedArchs(int* count) { *count = 3; return 0; }
EXPORT int nvrtcGetSupportedArchs(int* archs) { archs[0] = 75; archs[1] = 80; archs[2] = 90; return 0; }
EXPORT const char* fake_options() { return last_options.c_str(); }

EXPORT int nvrtcCreateProgram(Program** program, const char* text, const char*, int, const char* const*, const char* const*) {
    CALL("nvrtcCreateProgram");
    *program = new Program{text, "", ""};
    return 0;
}

EXPORT int nvrtcDestroyProgram(Program** program) {
    delete *program;
    *program = nullptr;
    return 0;
}

// Options become definitions in the text, or options of that compiler; one that NVRTC would not know is an error.
static int translate(int count, const char* const* options, std::string& definitions, std::string& arguments, std::string& kind) {
    last_options.clear();
    for (int k = 0; k < count; k++) {
        const std::string option = options[k];
        last_options += option + " ";
        if (starts_with(option, "-D")) {
            std::string definition = option.substr(2);
            definition[definition.find('=')] = ' ';
            definitions += "#define " + definition + "\n";
        } else if (starts_with(option, "--gpu-architecture=")) {
            kind = option.find("=sm_") != std::string::npos ? "binary" : "ptx";
        } else if (option == "--fmad=false") {
            arguments += " -ffp-contract=off";
        } else if (starts_with(option, "--std=")) {
            arguments += " " + option.substr(1);
        } else {
            return invalid_option;
        }
    }
    return 0;
}

EXPORT int nvrtcCompileProgram(Program* program, int count, const char* const* options) {
    CALL("nvrtcCompileProgram");
    std::string definitions, arguments, kind;
    if (int code = translate(count, options, definitions, arguments, kind))
        return code;
    char folder[] = "/tmp/fake-nvrtc-XXXXXX";
    if (!mkdtemp(folder))
        return compilation;
    const std::string source = std::string(folder) + "/kernels.cpp", library = std::string(folder) + "/kernels.so", log = std::string(folder) + "/log";
    std::ofstream(source) << "#include \"" GRID "\"\n" << definitions << "#line 1 \"shampoo.cu\"\n" << program->text
        << "\nextern \"C\" void play(void (*kernel)(const Arguments), unsigned blocks, unsigned threads, const Arguments* a)"
           " { const Arguments copy = *a; grid::play([=] { kernel(copy); }, blocks, threads); }\n";
    const std::string command = "LC_ALL=C " CXX " -shared -fPIC -O1 -w -fno-gnu-unique" + arguments + " -o " + library + " " + source + " 2>" + log;
    const int status = std::system(command.c_str());
    program->log = read(log);
    if (status == 0) {
        const std::string code = read(library);
        ImageHeader header = {{}, code.size()};
        std::strncpy(header.kind, kind.c_str(), sizeof header.kind - 1);
        program->image = std::string((const char*)&header, sizeof header) + code;
    }
    for (const std::string& path : {source, library, log})
        unlink(path.c_str());
    rmdir(folder);
    return status == 0 ? 0 : compilation;
}

static int size(const std::string& text, size_t* count) { *count = text.size(); return 0; }
static int copy(const std::string& text, char* to) { std::memcpy(to, text.data(), text.size()); return 0; }

EXPORT int nvrtcGetProgramLogSize(Program* program, size_t* count) { *count = program->log.size() + 1; return 0; }
EXPORT int nvrtcGetProgramLog(Program* program, char* log) { std::strcpy(log, program->log.c_str()); return 0; }
EXPORT int nvrtcGetCUBINSize(Program* program, size_t* count) { CALL("nvrtcGetCUBINSize"); return size(program->image, count); }
EXPORT int nvrtcGetCUBIN(Program* program, char* image) { CALL("nvrtcGetCUBIN"); return copy(program->image, image); }
EXPORT int nvrtcGetPTXSize(Program* program, size_t* count) { CALL("nvrtcGetPTXSize"); return size(program->image, count); }
EXPORT int nvrtcGetPTX(Program* program, char* image) { CALL("nvrtcGetPTX"); return copy(program->image, image); }
