#include "common/base/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "common/base/metrics.h"
#include "common/base/version.h"

namespace spm {
namespace {

std::string FileText(const char* file) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

double ProcessorSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Seconds since 1970: the machine's start and the process's ticks after it.
double StartSeconds() {
  const std::string stat = FileText("/proc/self/stat");
  // The name, in parentheses, may hold blanks; the start is the 20th field after it.
  std::istringstream fields(stat.substr(std::min(stat.rfind(')') + 1, stat.size())));
  std::string field;
  for (int i = 0; i < 20; ++i) fields >> field;
  const std::string machine = FileText("/proc/stat");
  const size_t at = machine.find("btime ");
  if (field.empty() || at == std::string::npos) return 0;
  return static_cast<double>(std::atoll(machine.c_str() + at + 6)) +
         static_cast<double>(std::atoll(field.c_str())) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double OpenFiles() {
  std::error_code error;
  std::filesystem::directory_iterator all("/proc/self/fd", error);
  // Less the one that looks.
  return error ? 0 : static_cast<double>(std::distance(begin(all), end(all)) - 1);
}

}  // namespace

void MeasureProcess() {
  static double counted = 0;
  CounterMetric& cpu = CounterOf("process_cpu_seconds_total", "Processor time of the process");
  const double now = ProcessorSeconds();
  cpu.Add(now - counted);
  counted = now;
  long virtual_pages = 0, resident_pages = 0;  // NOLINT: as the file has them.
  std::istringstream(FileText("/proc/self/statm")) >> virtual_pages >> resident_pages;
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  GaugeOf("process_virtual_memory_bytes", "Address space of the process")
      .Set(static_cast<double>(virtual_pages) * page);
  GaugeOf("process_resident_memory_bytes", "Memory of the process")
      .Set(static_cast<double>(resident_pages) * page);
  GaugeOf("process_open_fds", "Open file descriptors").Set(OpenFiles());
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  GaugeOf("process_max_fds", "Most open file descriptors").Set(static_cast<double>(files.rlim_cur));
  static const double start = StartSeconds();
  GaugeOf("process_start_time_seconds", "When the process started, in seconds since 1970")
      .Set(start);
  GaugeOf("spm_build_info", "1; the version is a label", {{"version", kVersion}}).Set(1);
}

}  // namespace spm
