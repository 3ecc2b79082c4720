// SPDX-License-Identifier: BSD-2-Clause
#include "load/clean_wav.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "load/hidden_codec.h"

namespace spdl::load {
namespace {

using readers::Bytes;
using readers::read_little;
using readers::WavHeader;

constexpr uint16_t pcm = 1, ieee_float = 3, alaw = 6, mulaw = 7, extensible = 0xfffe;
constexpr size_t first_read = 4096;
constexpr uint64_t longest_header = 64 * 1024;
constexpr int max_chunks = 1000;

// Chunks of which FFmpeg reads at most tags and chapters, and how long they are at least lest it
// finds fault with them.
struct KnownChunk {
  std::string_view name;
  uint32_t min_size;
};
constexpr KnownChunk known_chunks[] = {
    {"LIST", 4}, {"bext", 602}, {"fact", 4}, {"cue ", 4}, {"JUNK", 0}, {"junk", 0},
    {"PAD ", 0}, {"FLLR", 0},   {"PEAK", 0}, {"iXML", 0}, {"_PMX", 0}, {"smpl", 0},
    {"inst", 0}, {"acid", 0},   {"cart", 0}, {"umid", 0}, {"afsp", 0}, {"LGWV", 0},
};

bool is_known(std::string_view name, uint32_t size) {
  return std::any_of(
      std::begin(known_chunks), std::end(known_chunks),
      [=](const KnownChunk &known) { return known.name == name && size >= known.min_size; });
}

class Walk {
 public:
  Walk(ffmpeg::Reader &reader, const Limits &limits)
      : reader_(reader), limits_(limits), size_(static_cast<uint64_t>(reader.size())) {}

  std::optional<WavHeader> run();

 private:
  bool walk();
  bool take(std::string_view name, uint64_t at, uint32_t size);
  bool take_format(uint64_t at, uint32_t size);
  bool take_data(uint64_t at, uint32_t size);
  bool is_plain(const WavHeader &header) const;
  bool is_taken_for_act() const;
  bool read(uint64_t at, std::span<uint8_t> to) const;
  bool read_head(uint64_t size);
  bool hides_codec(const WavHeader &header) const;

  ffmpeg::Reader &reader_;
  const Limits &limits_;
  const uint64_t size_;
  std::vector<uint8_t> head_;
  bool is_rf64_ = false;
  uint64_t long_size_ = 0;  // of the samples, from ds64
  bool has_format_ = false;
  uint32_t channel_mask_ = 0;
  uint64_t data_offset_ = 0;
  uint64_t data_size_ = 0;
};

std::optional<WavHeader> Walk::run() {
  if (!read_head(std::min<uint64_t>(size_, first_read)) || !walk()) return std::nullopt;
  if (is_taken_for_act()) return std::nullopt;
  if (data_offset_ > longest_header || !read_head(data_offset_)) return std::nullopt;
  const auto header = readers::parse_wav(Bytes(head_).first(data_offset_));
  if (!header || header->data_size != data_size_ || !is_plain(*header) || hides_codec(*header))
    return std::nullopt;
  return *header;
}

bool Walk::read(uint64_t at, std::span<uint8_t> to) const {
  if (readers::has(head_, at, to.size())) {
    std::copy_n(head_.begin() + static_cast<ptrdiff_t>(at), to.size(), to.begin());
    return true;
  }
  return read_whole(reader_, at, to, limits_);
}

bool Walk::read_head(uint64_t size) {
  if (size <= head_.size()) return true;
  head_.resize(size);
  return read_whole(reader_, 0, head_, limits_);
}

// Over all chunks, those after the samples too: FFmpeg looks at them.
bool Walk::walk() {
  if (head_.size() < 44 || readers::text(head_, 8, 4) != "WAVE") return false;
  const auto form = readers::text(head_, 0, 4);
  is_rf64_ = form == "RF64";
  if (form != "RIFF" && !is_rf64_) return false;
  uint64_t at = 12;
  for (int n = 0; n < max_chunks && size_ - at >= 8; ++n) {
    uint8_t head[8];
    if (!read(at, head)) return false;
    const auto size = read_little<uint32_t>(head, 4);
    at += 8;
    if (!take(readers::text(head, 0, 4), at, size)) return false;
    const uint64_t end = data_offset_ == at ? at + data_size_ : at + uint64_t{size};
    if (end == size_) return data_offset_ > 0;
    at = end + (end & 1);
    if (at > size_) return false;
    // After an odd number of bytes FFmpeg looks for more samples in the wrong place.
    if (end != at && data_offset_ > 0) return size_ - at < 8;
  }
  return data_offset_ > 0 && size_ - at < 8;
}

bool Walk::take(std::string_view name, uint64_t at, uint32_t size) {
  if (name == "data") return take_data(at, size);
  if (size > size_ - at) return false;
  if (is_rf64_ != (name == "ds64") && at == 20) return false;
  if (name == "ds64") {
    uint8_t sizes[24];
    if (at != 20 || size < 24 || !read(at, sizes)) return false;
    long_size_ = read_little<uint64_t>(sizes, 8);
    return true;
  }
  return name == "fmt " ? take_format(at, size) : is_known(name, size);
}

bool Walk::take_format(uint64_t at, uint32_t size) {
  if (has_format_ || data_offset_ > 0) return false;
  has_format_ = true;
  uint8_t format[24];
  if (size == 16) return true;
  if ((size != 18 && size != 40) || !read(at, std::span(format).first(size == 40 ? 24 : 18)))
    return false;
  const auto extension = read_little<uint16_t>(format, 16);
  if (size == 18) return extension == 0;
  const auto valid_bits = read_little<uint16_t>(format, 18);
  channel_mask_ = read_little<uint32_t>(format, 20);
  return read_little<uint16_t>(format, 0) == extensible && extension == 22 &&
         (valid_bits == 0 || valid_bits == read_little<uint16_t>(format, 14));
}

bool Walk::take_data(uint64_t at, uint32_t size) {
  constexpr uint32_t unknown = 0xffffffff;
  if (!has_format_ || data_offset_ > 0) return false;
  data_offset_ = at;
  data_size_ = is_rf64_ ? long_size_ : size;
  if (size == unknown ? !is_rf64_ : size != data_size_) return false;
  return data_size_ > 0 && data_size_ <= size_ - at;
}

bool Walk::is_plain(const WavHeader &header) const {
  const auto bits = header.bits_per_sample;
  const bool is_integer = header.sub_format == pcm;
  const bool is_known =
      is_integer ? bits == 8 || bits == 16 || bits == 24 || bits == 32
      : header.sub_format == ieee_float
          ? bits == 32 || bits == 64
          : bits == 8 && (header.sub_format == alaw || header.sub_format == mulaw);
  // Speakers that every version of FFmpeg has names for.
  constexpr uint32_t named_speakers = 0x3ffff;
  constexpr uint32_t highest_rate = 768000;
  return is_known && header.num_channels <= 8 && channel_mask_ <= named_speakers &&
         header.sample_rate <= highest_rate &&
         header.block_align == header.num_channels * bits / 8 &&
         header.byte_rate == header.sample_rate * header.block_align &&
         header.data_size % header.block_align == 0;
}

// Voice recorders' files begin with a WAV header that does not tell what they are.
bool Walk::is_taken_for_act() const {
  if (head_.size() < 512 || head_[256] != 0x84) return false;
  return std::all_of(head_.begin() + 44, head_.begin() + 256, [](uint8_t c) { return c == 0; });
}

bool Walk::hides_codec(const WavHeader &header) const {
  if (header.sub_format != pcm) return false;
  const bool is_probed = header.bits_per_sample == 16;
  const size_t wanted =
      is_probed ? num_probed_bytes(header.sample_rate, header.block_align) : num_spdif_bytes;
  std::vector<uint8_t> samples(std::min<uint64_t>(wanted, header.data_size));
  if (!read(header.data_offset, samples)) return true;
  return may_hide_spdif(samples) || (is_probed && may_hide_codec(samples));
}

}  // namespace

bool read_whole(ffmpeg::Reader &reader, uint64_t offset, std::span<uint8_t> to,
                const Limits &limits) {
  while (!to.empty()) {
    const int n = reader.read(static_cast<int64_t>(offset), to, limits);
    if (n <= 0) return false;
    offset += static_cast<uint64_t>(n);
    to = to.subspan(static_cast<size_t>(n));
  }
  return true;
}

std::optional<WavHeader> find_clean_wav(ffmpeg::Reader &reader, const Limits &limits) {
  if (reader.size() < 44) return std::nullopt;
  return Walk(reader, limits).run();
}

}  // namespace spdl::load
