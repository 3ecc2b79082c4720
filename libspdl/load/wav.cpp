// SPDX-License-Identifier: BSD-2-Clause
#include "load/wav.h"

#include <sys/stat.h>

#include <algorithm>
#include <bit>
#include <vector>

#include "base/trace.h"
#include "ffmpeg/input.h"
#include "load/clean_wav.h"
#include "load/wav_samples.h"

namespace spdl::load {
namespace {

constexpr const char *float_planes = "fltp";
// Read and converted at a time: what stays in a cache.
constexpr size_t block_bytes = 128 * 1024;

struct Cut {
  int64_t first;
  int64_t count;
};

class WavItem : public Item {
 public:
  WavItem(ffmpeg::SourcePtr source, std::unique_ptr<ffmpeg::Reader> reader,
          const readers::WavHeader &header, const Cut &cut, bool is_planar);

  Result<void> write(uint8_t *to, const Limits &limits) const override;

 private:
  bool is_copy() const { return is_planar_ ? false : !coding_.to_packed; }
  Result<void> read(uint64_t offset, std::span<uint8_t> to, const Limits &limits) const;
  void convert(const WavCoding::Source &from, uint8_t *to, size_t done) const;

  const ffmpeg::SourcePtr source_;
  const std::unique_ptr<ffmpeg::Reader> reader_;
  const WavCoding &coding_;
  const uint64_t offset_;  // of the first sample
  const size_t count_;     // per channel
  const size_t num_channels_;
  const size_t step_;  // bytes of one sample of all channels, in the file
  const bool is_planar_;
};

WavItem::WavItem(ffmpeg::SourcePtr source, std::unique_ptr<ffmpeg::Reader> reader,
                 const readers::WavHeader &header, const Cut &cut, bool is_planar)
    : source_(std::move(source)),
      reader_(std::move(reader)),
      coding_(coding_of(header)),
      offset_(header.data_offset + static_cast<uint64_t>(cut.first) * header.block_align),
      count_(static_cast<size_t>(cut.count)),
      num_channels_(header.num_channels),
      step_(header.block_align),
      is_planar_(is_planar) {
  const auto rate = static_cast<int>(header.sample_rate);
  const int64_t channels = header.num_channels;
  form.media = ffmpeg::Media::audio;
  form.layout = is_planar ? buffer::Layout{{channels, cut.count}, buffer::f32}
                          : buffer::Layout{{cut.count, channels}, coding_.type};
  form.format = is_planar ? float_planes : coding_.name;
  form.count = cut.count;
  form.num_channels = header.num_channels;
  form.sample_rate = rate;
  about.pts = {ffmpeg::to_seconds(cut.first, {1, rate})};
  about.backend = backend_native;
}

Result<void> WavItem::write(uint8_t *to, const Limits &limits) const {
  const trace::Stage stage("wav", source_->name);
  const auto *memory = std::get_if<ffmpeg::Bytes>(&source_->where);
  const size_t at_once = std::max<size_t>(1, block_bytes / step_);
  std::vector<uint8_t> block(memory || is_copy() ? 0 : std::min(at_once, count_) * step_);
  for (size_t done = 0; done < count_; done += at_once) {
    SPDL_TRY(limits.check(Origin::load, source_->name));
    const size_t count = std::min(at_once, count_ - done);
    const uint64_t offset = offset_ + done * step_;
    if (is_copy()) {
      SPDL_TRY(read(offset, {to + done * step_, count * step_}, limits));
      continue;
    }
    if (!memory) SPDL_TRY(read(offset, std::span(block).first(count * step_), limits));
    convert({memory ? (*memory)->data() + offset : block.data(), count, num_channels_}, to, done);
  }
  return {};
}

Result<void> WavItem::read(uint64_t offset, std::span<uint8_t> to, const Limits &limits) const {
  if (read_whole(*reader_, offset, to, limits)) return {};
  SPDL_TRY(limits.check(Origin::load, source_->name));
  return Error{Status::io, Origin::load,
               source_->name + ": its samples could not be read; it may have changed meanwhile."}
      .at_byte(static_cast<int64_t>(offset));
}

void WavItem::convert(const WavCoding::Source &from, uint8_t *to, size_t done) const {
  if (is_planar_)
    coding_.to_planes(from, to + done * sizeof(float), count_ * sizeof(float));
  else
    coding_.to_packed(from, to + done * num_channels_ * coding_.type.size);
}

// ---- what is asked for ----

std::optional<std::string> filter_of(const ffmpeg::DecodeOptions &options) {
  if (options.use_default_filter) return ffmpeg::default_filter(ffmpeg::Media::audio);
  return options.filter_desc;
}

bool is_plain_wish(const ItemOptions &options) {
  const ffmpeg::DecodeOptions &decode = options.decode;
  const auto filter = filter_of(decode);
  return options.media == ffmpeg::Media::audio && !options.fit && options.demux.is_default() &&
         !decode.is_reference && decode.decoder.name.empty() && decode.decoder.options.empty() &&
         decode.num_frames == 0 &&
         (!filter || *filter == ffmpeg::default_filter(ffmpeg::Media::audio));
}

// To look into anything else would take something out of it.
bool is_file(const ffmpeg::Path &path) {
  struct stat status;
  return stat(path.path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

bool can_look_into(const ffmpeg::Source &source) {
  const auto *path = std::get_if<ffmpeg::Path>(&source.where);
  return path ? is_file(*path) : std::holds_alternative<ffmpeg::Bytes>(source.where);
}

Cut cut_of(const readers::WavHeader &header, const ffmpeg::Window &window) {
  const auto rate = static_cast<int>(header.sample_rate);
  const auto n = static_cast<int64_t>(header.data_size / header.block_align);
  const auto place = [&](const std::optional<spdl_rational> &time, int64_t otherwise) {
    return time ? ffmpeg::first_sample(*time, 0, {1, rate}, rate, n) : otherwise;
  };
  const int64_t first = place(window.start, 0);
  return {first, std::max(place(window.end, n), first) - first};
}

// Whether no limit comes near to what FFmpeg holds: packets, frames with their margins, the array.
bool is_within(const Limits &limits, const Cut &cut, const readers::WavHeader &header) {
  constexpr int64_t margin = 1 << 20;
  constexpr int64_t most = sizeof(double);
  const int64_t bytes = cut.count * header.num_channels * most;
  return !limits.is_interrupted() && cut.count <= limits.max_frames &&
         (limits.max_bytes == Limits::none || 2 * bytes + margin <= limits.max_bytes);
}

}  // namespace

Result<ItemPtr> load_wav_item(const ffmpeg::SourcePtr &source, const ffmpeg::Window &window,
                              const ItemOptions &options, const Limits &limits) {
  if constexpr (std::endian::native != std::endian::little) return ItemPtr();
  if (!is_plain_wish(options) || !can_look_into(*source)) return ItemPtr();
  auto reader = ffmpeg::open_reader(*source, limits);
  if (!reader) return ItemPtr();
  const auto header = find_clean_wav(**reader, limits);
  if (!header) return ItemPtr();
  const Cut cut = cut_of(*header, window);
  if (cut.count == 0 || !is_within(limits, cut, *header)) return ItemPtr();
  const bool is_planar = filter_of(options.decode).has_value();
  return std::make_unique<WavItem>(source, *std::move(reader), *header, cut, is_planar);
}

}  // namespace spdl::load
