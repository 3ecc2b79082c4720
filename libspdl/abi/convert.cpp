// SPDX-License-Identifier: BSD-2-Clause
#include "spdl/convert.h"

#include "abi/operation.h"
#include "ffmpeg/convert.h"

using namespace spdl;
using namespace spdl::abi;

namespace {

Result<Call<spdl_buffer>> plan_convert(const spdl_frames *const *frames, uint32_t num_frames,
                                       const spdl_convert_options *options) {
  SPDL_TRY_ASSIGN(const spdl_convert_options read, read_struct(options));
  if (read.flags & ~uint32_t{SPDL_CONVERT_BATCH | SPDL_CONVERT_PINNED})
    return invalid("An unknown SPDL_CONVERT flag.");
  const bool is_batch = read.flags & SPDL_CONVERT_BATCH;
  SPDL_TRY_ASSIGN(auto items, read_list(frames, num_frames));
  if (num_frames > 1 && !is_batch) return invalid("More than one item needs SPDL_CONVERT_BATCH.");
  SPDL_TRY(check_pinned(read.flags & SPDL_CONVERT_PINNED, read.out));
  SPDL_TRY_ASSIGN(auto out, read_out(read.out));
  return [items = std::move(items), is_batch, out = std::move(out)](const Limits &limits) {
    return ffmpeg::convert(items, is_batch, out, limits);
  };
}

}  // namespace

spdl_status spdl_frames_convert(const spdl_frames *const *frames, uint32_t num_frames,
                                const spdl_convert_options *options, const spdl_limits *limits,
                                spdl_buffer **out_buffer, spdl_error *err) noexcept {
  return run([&] { return plan_convert(frames, num_frames, options); }, limits, out_buffer, err);
}

spdl_status spdl_frames_convert_submit(spdl_queue *queue, uint64_t tag,
                                       const spdl_frames *const *frames, uint32_t num_frames,
                                       const spdl_convert_options *options,
                                       const spdl_limits *limits, spdl_error *err) noexcept {
  return submit<spdl_buffer>(
      queue, tag, [&] { return plan_convert(frames, num_frames, options); }, limits, err);
}
