// SPDX-License-Identifier: BSD-2-Clause
#include "readers/wav.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/trace.h"
#include "readers/g711.h"

namespace spdl::readers {
namespace {

constexpr uint16_t pcm = 1, ieee_float = 3, alaw = 6, mulaw = 7, extensible = 0xfffe;
constexpr uint32_t unknown_size = 0xffffffff;

// Bytes 4 to 15 of the GUIDs whose first four are a format number.
constexpr std::array<uint8_t, 12> guid_tail{0x00, 0x00, 0x10, 0x00, 0x80, 0x00,
                                            0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71};

Error corrupt(const std::string &what, uint64_t at) {
  return Error{Status::corrupt, Origin::readers, "The WAV data is invalid: " + what}.at_byte(
      static_cast<int64_t>(at));
}

Error unsupported(const std::string &what) {
  return {Status::unsupported, Origin::readers,
          "Unsupported WAV data: " + what +
              "; 8, 16, 24 and 32-bit integers, 32 and 64-bit floats, A-law and mu-law are "
              "supported. load_audio() reads others."};
}

struct Parser {
  Bytes data;
  WavHeader header{};
  bool is_rf64 = false;
  bool is_piped = false;  // the writer could not go back to fill in the sizes
  bool has_format = false;
  std::optional<uint64_t> long_size{};  // of the samples, from ds64

  Result<WavHeader> run();
  Result<size_t> read_form();
  Result<void> read_chunk(std::string_view name, uint64_t at, uint32_t size);
  Result<void> read_sizes(uint64_t at, uint32_t size);
  Result<void> read_format(uint64_t at, uint32_t size);
  Result<void> read_extension(uint64_t at, uint32_t size);
  WavHeader finish(uint64_t at, uint32_t size);
};

Result<WavHeader> Parser::run() {
  SPDL_TRY_ASSIGN(uint64_t at, read_form());
  while (has(data, at, 8)) {
    const auto name = text(data, at, 4);
    const auto size = read_little<uint32_t>(data, at + 4);
    at += 8;
    if (name == "data") {
      if (!has_format) return corrupt("the samples come before the `fmt ` chunk.", at - 8);
      return finish(at, size);
    }
    SPDL_TRY(read_chunk(name, at, size));
    at += uint64_t{size} + (size & 1);
  }
  return corrupt(has_format ? "there is no `data` chunk; it may be cut short."
                            : "there is no `fmt ` chunk; it may be cut short.",
                 data.size());
}

Result<size_t> Parser::read_form() {
  if (data.size() < 12)
    return corrupt(std::to_string(data.size()) + " bytes are too few for a header.", 0);
  const auto form = text(data, 0, 4);
  if (text(data, 8, 4) != "WAVE") return corrupt("it does not begin as RIFF/WAVE.", 0);
  if (form == "RIFX") return unsupported("big-endian (RIFX)");
  is_rf64 = form == "RF64" || form == "BW64";
  if (form != "RIFF" && !is_rf64) return corrupt("it does not begin as RIFF/WAVE.", 0);
  is_piped = !is_rf64 && read_little<uint32_t>(data, 4) == unknown_size;
  return 12;
}

Result<void> Parser::read_chunk(std::string_view name, uint64_t at, uint32_t size) {
  if (!has(data, at, size))
    return corrupt("a chunk of " + std::to_string(size) + " bytes goes past the end.", at - 8);
  if (name == "ds64" && is_rf64) return read_sizes(at, size);
  if (name == "fmt " && !has_format) return read_format(at, size);
  return {};
}

Result<void> Parser::read_sizes(uint64_t at, uint32_t size) {
  if (size < 24) return corrupt("the `ds64` chunk is too short.", at);
  long_size = read_little<uint64_t>(data, at + 8);
  return {};
}

Result<void> Parser::read_format(uint64_t at, uint32_t size) {
  if (size < 16) return corrupt("the `fmt ` chunk is too short.", at);
  header.audio_format = read_little<uint16_t>(data, at);
  header.num_channels = read_little<uint16_t>(data, at + 2);
  header.sample_rate = read_little<uint32_t>(data, at + 4);
  header.byte_rate = read_little<uint32_t>(data, at + 8);
  header.block_align = read_little<uint16_t>(data, at + 12);
  header.bits_per_sample = read_little<uint16_t>(data, at + 14);
  header.sub_format = header.audio_format;
  if (header.num_channels == 0) return corrupt("it has no channel.", at + 2);
  if (header.sample_rate == 0 || header.sample_rate > INT32_MAX)
    return corrupt("the sample rate is " + std::to_string(header.sample_rate) + ".", at + 4);
  if (header.block_align == 0) return corrupt("the size of a sample is 0.", at + 12);
  if (header.audio_format == extensible) SPDL_TRY(read_extension(at, size));
  has_format = true;
  return {};
}

Result<void> Parser::read_extension(uint64_t at, uint32_t size) {
  if (size < 40) return corrupt("the `fmt ` chunk is too short for its extension.", at);
  const Bytes guid = data.subspan(at + 24, 16);
  if (!std::equal(guid_tail.begin(), guid_tail.end(), guid.begin() + 4) || guid[2] || guid[3])
    return unsupported("a sub-format of WAVE_EXTENSIBLE that is not a format number");
  header.sub_format = read_little<uint16_t>(guid, 0);
  return {};
}

WavHeader Parser::finish(uint64_t at, uint32_t size) {
  header.data_offset = at;
  header.data_size = size;
  if (size != unknown_size) return header;
  if (is_piped) header.data_size = (data.size() - at) / header.block_align * header.block_align;
  if (long_size) header.data_size = *long_size;
  return header;
}

// ---- samples ----

void expand(const G711Table &table, const uint8_t *from, int16_t *to, size_t n) {
  for (size_t i = 0; i < n; ++i) to[i] = table[from[i]];
}

// The low byte is 0, as in FFmpeg's s32 of pcm_s24le.
void widen(const uint8_t *from, int32_t *to, size_t n) {
  for (size_t i = 0; i < n; ++i, from += 3)
    to[i] = static_cast<int32_t>(uint32_t{from[0]} << 8 | uint32_t{from[1]} << 16 |
                                 uint32_t{from[2]} << 24);
}

struct Coding {
  uint16_t format;
  uint16_t bits;
  buffer::ElementType type;
  const char *name;  // FFmpeg's name of the sample format
  bool in_place;
};

constexpr Coding codings[] = {
    {pcm, 8, buffer::u8, "u8", true},           {pcm, 16, buffer::s16, "s16", true},
    {pcm, 24, buffer::s32, "s32", false},       {pcm, 32, buffer::s32, "s32", true},
    {ieee_float, 32, buffer::f32, "flt", true}, {ieee_float, 64, buffer::f64, "dbl", true},
    {alaw, 8, buffer::s16, "s16", false},       {mulaw, 8, buffer::s16, "s16", false},
};

Result<Coding> find_coding(const WavHeader &header) {
  for (const Coding &coding : codings) {
    if (coding.format != header.sub_format || coding.bits != header.bits_per_sample) continue;
    if (header.block_align != header.num_channels * (coding.bits / 8))
      return corrupt("a sample of all channels has " + std::to_string(header.block_align) +
                         " bytes, which does not fit its bits and channels.",
                     header.data_offset);
    return coding;
  }
  return unsupported("format " + std::to_string(header.sub_format) + " with " +
                     std::to_string(header.bits_per_sample) + " bits per sample");
}

Result<void> check_samples(const WavHeader &header, uint64_t size) {
  if (header.data_size > size - header.data_offset)
    return corrupt("it is cut short: it says that " + std::to_string(header.data_size) +
                       " bytes of samples follow, but there are " +
                       std::to_string(size - header.data_offset) + ".",
                   size);
  if (header.data_size % header.block_align)
    return corrupt("its " + std::to_string(header.data_size) +
                       " bytes of samples are not whole samples of " +
                       std::to_string(header.block_align) + " bytes.",
                   header.data_offset);
  return {};
}

__extension__ using Wide = __int128;

// The first of `n` samples at or after a time, if sample k is at k / rate.
int64_t first_sample(spdl_rational time, uint32_t rate, int64_t n) {
  if (time.num <= 0) return 0;
  const Wide ticks = static_cast<Wide>(time.num) * rate;
  const Wide k = (ticks + time.den - 1) / time.den;
  return k < n ? static_cast<int64_t>(k) : n;
}

struct Cut {
  int64_t start;
  int64_t count;
};

Result<Cut> cut_samples(const WavHeader &header, const WavWindow &window) {
  const auto n = static_cast<int64_t>(header.data_size / header.block_align);
  const auto place = [&](const auto &time, int64_t otherwise) {
    return time ? first_sample(*time, header.sample_rate, n) : otherwise;
  };
  const int64_t start = place(window.start, 0);
  if (window.start && start >= n)
    return Error{Status::invalid, Origin::readers,
                 "The window begins at or after the end of the WAV data, which has " +
                     std::to_string(n) + " samples at " + std::to_string(header.sample_rate) +
                     " Hz."};
  return Cut{start, std::max(place(window.end, n), start) - start};
}

Result<void> decode(const Coding &coding, const uint8_t *from, uint8_t *to, size_t n,
                    const Limits &limits) {
  constexpr size_t at_once = 1 << 20;
  for (size_t i = 0; i < n; i += at_once) {
    SPDL_TRY(limits.check(Origin::readers, "WAV data"));
    const size_t count = std::min(at_once, n - i);
    const uint8_t *source = from + i * (coding.bits / 8);
    uint8_t *target = to + i * coding.type.size;
    if (coding.format == pcm)
      widen(source, reinterpret_cast<int32_t *>(target), count);
    else
      expand(coding.format == alaw ? alaw_table : mulaw_table, source,
             reinterpret_cast<int16_t *>(target), count);
  }
  return {};
}

}  // namespace

Result<WavHeader> parse_wav(Bytes data) { return Parser{data}.run(); }

Result<buffer::BufferPtr> load_wav(const std::shared_ptr<const buffer::Memory> &memory,
                                   const WavWindow &window, const Limits &limits) {
  const trace::Stage stage("wav");
  SPDL_TRY(limits.check(Origin::readers, "WAV data"));
  SPDL_TRY_ASSIGN(const WavHeader header, parse_wav({memory->data(), memory->size()}));
  SPDL_TRY_ASSIGN(const Coding coding, find_coding(header));
  SPDL_TRY(check_samples(header, memory->size()));
  SPDL_TRY_ASSIGN(const Cut cut, cut_samples(header, window));
  SPDL_TRY(limits.check_frames(Origin::readers, cut.count, "WAV data"));
  const buffer::Layout layout{{cut.count, header.num_channels}, coding.type};
  const size_t offset = header.data_offset + static_cast<size_t>(cut.start) * header.block_align;
  auto storage = buffer::Storage::view(memory, offset);
  if (!coding.in_place) {
    SPDL_TRY(limits.check_bytes(Origin::readers, layout.size(), "WAV data"));
    storage = buffer::Storage::allocate(static_cast<size_t>(layout.size()));
    SPDL_TRY(decode(coding, memory->data() + offset, storage.data(),
                    static_cast<size_t>(layout.shape.count()), limits));
  }
  const double pts = static_cast<double>(cut.start) / header.sample_rate;
  return std::make_shared<const buffer::Buffer>(
      buffer::Buffer{.storage = std::move(storage),
                     .layout = layout,
                     .media = SPDL_MEDIA_AUDIO,
                     .format = coding.name,
                     .backend = "native",
                     .sample_rate = static_cast<int32_t>(header.sample_rate),
                     .pts = {pts},
                     .writable = !coding.in_place || memory->writable()});
}

}  // namespace spdl::readers
