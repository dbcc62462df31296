// What the operating system knows of this process, as metrics of the names that Prometheus' own
// clients use. One thread at a time.
#pragma once

namespace spm {

// Sets process_cpu_seconds_total, process_resident_memory_bytes, process_virtual_memory_bytes,
// process_open_fds, process_max_fds, process_start_time_seconds and spm_build_info.
void MeasureProcess();

}  // namespace spm
