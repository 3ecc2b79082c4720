// SPDX-License-Identifier: BSD-2-Clause
// Packets → packets: bitstream filters, which change how packets are written without decoding them.
#pragma once

#include <string>

#include "base/in_use.h"
#include "base/process.h"
#include "ffmpeg/packets.h"

namespace spdl::ffmpeg {

using BsfContextPtr = std::unique_ptr<AVBSFContext, Deleter<av_bsf_free>>;

// A filter, or several: "NAME[=OPTION=VALUE[:…]][,…]". One operation at a time: a second one gets
// Status::busy.
class Bsf {
 public:
  static Result<std::shared_ptr<Bsf>> open(CodecPtr codec, const std::string &desc);

  // What comes out of these packets, and, if they are the last ones, of those that were held back;
  // then the next ones begin a new stream. Without packets: only the latter. Status::eof if nothing
  // comes out.
  Result<PacketsPtr> filter(PacketsPtr packets, bool is_end, const Limits &limits);
  // No packets, as if the filter made none of these.
  PacketsPtr empty(const Packets &packets) const { return make_output(&packets); }

 private:
  Bsf(CodecPtr codec, std::string desc) : codec_(std::move(codec)), desc_(std::move(desc)) {}

  Result<void> open_context();
  Result<void> check_use(const InUse &in_use) const;
  Result<void> check_packets(const Packets &packets) const;
  std::shared_ptr<Packets> make_output(const Packets *from) const;
  Result<void> feed(const AVPacket *packet, Packets &to, const Limits &limits);

  const uint64_t generation_ = process_generation();
  const CodecPtr codec_;
  const std::string desc_;
  BsfContextPtr context_;
  CodecPtr output_codec_;
  PacketsPtr last_;  // whence the packets came that were filtered last
  std::atomic_flag in_use_;
};

// All packets through a filter of their own.
Result<PacketsPtr> apply_bsf(const PacketsPtr &packets, const std::string &desc,
                             const Limits &limits);

}  // namespace spdl::ffmpeg
