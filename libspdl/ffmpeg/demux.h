// SPDX-License-Identifier: BSD-2-Clause
// Source → packets.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/in_use.h"
#include "ffmpeg/error.h"
#include "ffmpeg/input.h"
#include "ffmpeg/missing_dts.h"
#include "ffmpeg/packets.h"
#include "ffmpeg/preroll.h"
#include "ffmpeg/probe.h"

namespace spdl::ffmpeg {

struct DemuxOptions {
  std::string format;  // empty: found by probing
  OptionList format_options;
  int buffer_size = 0;  // 0: the default
  bool allow_nested = false;
  // Whether each picture in the window becomes a frame of the result, so that max_frames can end
  // the reading of a source without an end.
  bool counts_frames = false;

  bool is_default() const { return format.empty() && format_options.empty(); }
};

struct ChunkOptions {
  bool from_start = false;
  int64_t duration = 0;     // in AV_TIME_BASE; 0: no bound
  int64_t num_packets = 0;  // of all streams; 0: no bound
};

// Packets that follow each other in the source: one value for each stream that has any.
struct Chunk {
  std::vector<PacketsPtr> packets;
};

using ChunkPtr = std::shared_ptr<const Chunk>;

// An open source. One operation at a time: a second one gets Status::busy.
class Demuxer {
 public:
  // `reader`, if somebody opened the source before.
  static Result<std::shared_ptr<Demuxer>> open(SourcePtr source, const DemuxOptions &options,
                                               const Limits &limits,
                                               std::unique_ptr<Reader> reader = nullptr);

  // The packets of the best stream of a kind, and those before the window that decoding needs. Not
  // in a forked child, whose descriptor shares its position with the parent's.
  Result<PacketsPtr> demux(Media media, const Window &window, const Limits &limits);
  // The next packets of these streams; Status::eof at the end.
  Result<ChunkPtr> read_chunk(std::span<const int> streams, const ChunkOptions &options,
                              const Limits &limits);
  // As it was when the source was opened; safe while another thread demuxes.
  Result<CodecPtr> codec(Media media) const;

  const ContainerInfo &container() const { return container_; }

  const std::string &source() const { return source_->name; }
  const char *format() const { return context_->iformat->name; }
  unsigned num_streams() const { return num_streams_; }
  int best_stream(Media media) const { return media == Media::audio ? best_audio_ : best_video_; }
  // In AV_TIME_BASE; AV_NOPTS_VALUE if unknown.
  int64_t start_time() const { return start_time_; }
  int64_t duration() const { return duration_; }

 private:
  explicit Demuxer(SourcePtr source) : source_(std::move(source)) {}

  Result<void> open_context(const DemuxOptions &options, const Limits &limits);
  Result<const AVInputFormat *> find_format(const std::string &name, const Limits &limits);
  Result<void> refuse_list(const AVInputFormat &format) const;
  Result<void> find_streams(const Limits &limits);
  Result<void> check_use(const InUse &in_use) const;
  void discard_all_but(std::span<const int> streams);
  Result<void> seek(AVStream &stream, const Window &window, const Limits &limits);
  Result<bool> find_start(const AVStream &stream, const Preroll &preroll, const Limits &limits);
  Result<void> rewind(AVStream &stream, const Limits &limits);
  bool seek_to(AVStream &stream, int64_t target, int flags);  // AVSEEK_FLAG_*
  CodecPtr codec_of(AVStream &stream, Media media) const;
  Result<void> check_read(const Limits &limits) const;
  Result<void> check_end() const;
  Result<PacketPtr> read(std::span<const int> streams, const Limits &limits);
  std::shared_ptr<Packets> new_packets(const AVStream &stream, Media media) const;
  Result<void> keep(PacketPtr packet, Packets &packets, const Limits &limits) const;
  Result<PacketsPtr> collect(AVStream &stream, Media media, const Window &window,
                             const Limits &limits);
  Result<Media> media_of(int stream) const;
  Result<ChunkPtr> collect_chunk(std::span<const int> streams, const ChunkOptions &options,
                                 const Limits &limits);
  bool ends_chunk(const AVPacket &packet, int64_t duration);

  const uint64_t generation_ = process_generation();
  const SourcePtr source_;
  std::unique_ptr<Input> input_;  // outlives the context that reads from it
  FormatContextPtr context_;
  unsigned num_streams_ = 0;
  ContainerInfo container_;
  std::map<Media, CodecPtr> codecs_;
  int best_audio_ = -1;
  int best_video_ = -1;
  int64_t start_time_ = AV_NOPTS_VALUE;
  int64_t duration_ = AV_NOPTS_VALUE;
  bool is_at_start_ = true;
  bool counts_frames_ = false;
  bool was_interrupted_ = false;  // since the last seek
  PacketPtr pending_;             // read to look where a seek landed, or where a chunk ends
  // Of reading in chunks, which may go on where the last one ended.
  struct {
    std::optional<bool> began_at_start;
    std::map<int, MissingDts> missing_dts;
    std::optional<int64_t> end;  // of the current one, in AV_TIME_BASE
  } chunks_;
  std::atomic_flag in_use_;
};

using DemuxerPtr = std::shared_ptr<Demuxer>;

// Open, read, close. A still picture is read without a demuxer.
Result<PacketsPtr> demux(const SourcePtr &source, Media media, const Window &window,
                         const DemuxOptions &options, const Limits &limits);

}  // namespace spdl::ffmpeg
