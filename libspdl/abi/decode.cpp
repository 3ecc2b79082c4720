// SPDX-License-Identifier: BSD-2-Clause
#include "spdl/decode.h"

#include "abi/operation.h"

using namespace spdl;
using namespace spdl::abi;

namespace {

Result<Call<spdl_frames>> plan_decode(const spdl_packets *packets,
                                      const spdl_decode_options *options) {
  SPDL_TRY(require(packets));
  SPDL_TRY_ASSIGN(auto read, read_decode_options(options));
  return [packets = packets->value, read = std::move(read)](const Limits &limits) {
    return ffmpeg::decode(*packets, read, limits);
  };
}

}  // namespace

spdl_status spdl_packets_decode(const spdl_packets *packets, const spdl_decode_options *options,
                                const spdl_limits *limits, spdl_frames **out_frames,
                                spdl_error *err) noexcept {
  return run([&] { return plan_decode(packets, options); }, limits, out_frames, err);
}

spdl_status spdl_packets_decode_submit(spdl_queue *queue, uint64_t tag, const spdl_packets *packets,
                                       const spdl_decode_options *options,
                                       const spdl_limits *limits, spdl_error *err) noexcept {
  return submit<spdl_frames>(
      queue, tag, [&] { return plan_decode(packets, options); }, limits, err);
}
