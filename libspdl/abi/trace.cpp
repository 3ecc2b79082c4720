// SPDX-License-Identifier: BSD-2-Clause
#include "spdl/trace.h"

#include <cmath>

#include "abi/boundary.h"
#include "abi/handle.h"
#include "abi/options.h"

using namespace spdl;
using namespace spdl::abi;

namespace {

constexpr std::string_view counters[] = {"counter 0", "counter 1", "counter 2", "counter 3",
                                         "counter 4", "counter 5", "counter 6", "counter 7"};

std::string_view view(const char *text) { return text ? text : std::string_view(); }

Result<trace::Options> read_trace_options(const spdl_trace_options *from) {
  SPDL_TRY(require(from));
  SPDL_TRY_ASSIGN(const spdl_trace_options read, read_struct(from));
  if (read.flags & ~uint32_t{SPDL_TRACE_HAS_FD}) return invalid("An unknown SPDL_TRACE flag.");
  const bool has_fd = read.flags & SPDL_TRACE_HAS_FD;
  if (has_fd == (read.path != nullptr))
    return invalid("A trace is written either to a path or to an fd.");
  constexpr uint32_t max_buffer_kb = uint32_t{1} << 20;
  if (read.buffer_kb > max_buffer_kb) return invalid("The buffer of a trace is over 1048576 kB.");
  trace::Options options;
  options.path = view(read.path);
  if (has_fd) options.fd = read.fd;
  if (read.buffer_kb) options.buffer_size = size_t{read.buffer_kb} << 10;
  options.process_name = view(read.process_name);
  return options;
}

}  // namespace

spdl_status spdl_trace_start(const spdl_trace_options *options, spdl_trace **out_trace,
                             spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(out_trace));
    SPDL_TRY_ASSIGN(const trace::Options read, read_trace_options(options));
    SPDL_TRY_ASSIGN(auto value, trace::Trace::start(read));
    *out_trace = new spdl_trace(std::move(value));
    return {};
  });
}

spdl_status spdl_trace_stop(spdl_trace *trace, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(trace));
    const auto value = trace->value;  // the handle may be freed meanwhile
    return value->stop();
  });
}

spdl_status spdl_trace_get_info(const spdl_trace *trace, spdl_trace_info *out_info,
                                spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(trace));
    const trace::Counts counts = trace->value->counts();
    spdl_trace_info info{};
    info.num_events = counts.num_events;
    info.num_dropped = counts.num_dropped;
    return write_struct(out_info, info);
  });
}

void spdl_trace_free(spdl_trace *trace) noexcept {
  if (!trace) return;
  if (trace->value->is_forked())
    new std::shared_ptr<trace::Trace>(std::move(trace->value));  // left to the parent
  delete trace;
}

int64_t spdl_trace_begin_event(void) noexcept { return trace::begin(); }

void spdl_trace_end_event(int64_t begin, uint64_t track, const char *name,
                          const char *detail) noexcept {
  if (begin) trace::add(trace::Category::user, begin, track, view(name), view(detail));
}

spdl_status spdl_trace_set_counter(uint32_t counter, double value, spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    if (counter >= std::size(counters)) return invalid("There is no such counter of a trace.");
    if (!std::isfinite(value)) return invalid("The value of a counter is not finite.");
    trace::add_counter(counters[counter], value);
    return {};
  });
}
