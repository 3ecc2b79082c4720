// SPDX-License-Identifier: BSD-2-Clause
// Reading a source from its start to its end, a piece at a time.
#include <algorithm>

#include "base/trace.h"
#include "ffmpeg/demux.h"

namespace spdl::ffmpeg {

Result<ChunkPtr> Demuxer::read_chunk(std::span<const int> streams, const ChunkOptions &options,
                                     const Limits &limits) {
  const InUse in_use(in_use_);
  SPDL_TRY(check_use(in_use));
  const LimitsInForce in_force(*input_, limits);
  const trace::Stage stage("demux", source());
  for (const int stream : streams) SPDL_TRY(media_of(stream));
  discard_all_but(streams);
  if (options.from_start) {
    chunks_ = {};
    SPDL_TRY(rewind(*context_->streams[streams.front()], limits));
  }
  if (!chunks_.began_at_start) chunks_.began_at_start = is_at_start_;
  auto chunk = collect_chunk(streams, options, limits);
  if (!chunk && chunk.error().status != Status::eof) {
    pending_.reset();
    was_interrupted_ = true;
  }
  return chunk;
}

Result<Media> Demuxer::media_of(int stream) const {
  if (stream >= 0 && stream < static_cast<int>(context_->nb_streams)) {
    const AVMediaType type = context_->streams[stream]->codecpar->codec_type;
    if (type == AVMEDIA_TYPE_AUDIO) return Media::audio;
    if (type == AVMEDIA_TYPE_VIDEO) return Media::video;
  }
  return Error{Status::no_stream, Origin::demux,
               "No audio or video stream of index " + std::to_string(stream) + " was found in " +
                   source() + ", which has " + std::to_string(num_streams_) + "."};
}

Result<ChunkPtr> Demuxer::collect_chunk(std::span<const int> streams, const ChunkOptions &options,
                                        const Limits &limits) {
  std::map<int, std::shared_ptr<Packets>> chunk;
  for (int64_t count = 0; options.num_packets == 0 || count < options.num_packets; ++count) {
    SPDL_TRY_ASSIGN(auto packet, read(streams, limits));
    if (!packet) break;
    const int index = packet->stream_index;
    AVStream &stream = *context_->streams[index];
    chunks_.missing_dts.try_emplace(index, stream, *chunks_.began_at_start)
        .first->second.fill(*packet);
    if (options.duration > 0 && ends_chunk(*packet, options.duration) && !chunk.empty()) {
      pending_ = std::move(packet);
      break;
    }
    auto &packets = chunk[index];
    if (!packets) {
      SPDL_TRY_ASSIGN(const Media media, media_of(index));
      packets = new_packets(stream, media);
    }
    SPDL_TRY(keep(std::move(packet), *packets, limits));
  }
  SPDL_TRY(check_read(limits));
  if (chunk.empty()) return Error{Status::eof, Origin::demux, source() + ": it is at its end."};
  auto made = std::make_shared<Chunk>();
  for (auto &[index, packets] : chunk) {
    packets->codec = codec_of(*context_->streams[index], packets->media);
    made->packets.push_back(std::move(packets));
  }
  return made;
}

// Whether the packet is due for decoding after the current chunk; then the next one begins.
bool Demuxer::ends_chunk(const AVPacket &packet, int64_t duration) {
  const int64_t ticks = packet.dts != AV_NOPTS_VALUE ? packet.dts : packet.pts;
  if (ticks == AV_NOPTS_VALUE) return false;
  const AVRational time_base = context_->streams[packet.stream_index]->time_base;
  const int64_t time = av_rescale_q(ticks, time_base, AV_TIME_BASE_Q);
  const bool is_first = !chunks_.end;
  if (is_first) chunks_.end = add_ticks(time, duration);
  if (time < *chunks_.end) return false;
  // Chunks that nothing falls into are left out. The difference fits, since time is not before end.
  const auto since = static_cast<uint64_t>(time) - static_cast<uint64_t>(*chunks_.end);
  const auto into_next = static_cast<int64_t>(since % static_cast<uint64_t>(duration));
  chunks_.end = add_ticks(time, duration - into_next);
  return !is_first;
}

}  // namespace spdl::ffmpeg
