using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace MlTr.Model.Data.Decoded;

/// <summary>
/// The layout of a file of decoded pictures. A head names size, pictures and what their files looked like; then come records of one length,
/// each with its own checksum, so that a file that was cut off anywhere can be gone on with and a flipped bit is found when it is read.
/// </summary>
internal sealed class DecodedShardFile
{
    private const int FixedHead = 16;
    private const int RecordHead = 9; // checksum, and whether what follows is a picture or the reason why there is none

    private readonly int pictureBytes;
    private readonly long headBytes;

    private DecodedShardFile(int imageSize, byte[] head) => (pictureBytes, headBytes, Head) = (imageSize * imageSize * 3, head.Length, head);

    /// <summary>What the file begins with: equal heads hold the same pictures.</summary>
    public byte[] Head { get; }

    public int RecordBytes => RecordHead + pictureBytes;

    /// <summary>The file for these pictures as they lie on disk now; null if one of them has no file whose age could be told.</summary>
    public static DecodedShardFile? For(ImageSet set, IReadOnlyList<ImageEntry> images, int imageSize)
    {
        var head = new byte[FixedHead + (16 * images.Count)];
        "MLTRPIX1"u8.CopyTo(head);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(8), imageSize);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(12), images.Count);
        for (var i = 0; i < images.Count; i++)
        {
            if (set.StampOf(images[i]) is not { } stamp)
            {
                return null;
            }

            var place = head.AsSpan(FixedHead + (16 * i));
            BinaryPrimitives.WriteUInt64LittleEndian(place, KeyOf(images[i]));
            BinaryPrimitives.WriteUInt64LittleEndian(place[8..], stamp);
        }

        return new DecodedShardFile(imageSize, head);
    }

    /// <summary>Reads the head of a file; null if it is none of pictures of that size.</summary>
    public static DecodedShardFile? Read(SafeFileHandle file, int imageSize)
    {
        Span<byte> start = stackalloc byte[FixedHead];
        if (RandomAccess.Read(file, start, 0) < FixedHead || !start[..8].SequenceEqual("MLTRPIX1"u8) || BinaryPrimitives.ReadInt32LittleEndian(start[8..]) != imageSize)
        {
            return null;
        }

        var bytes = FixedHead + (16L * BinaryPrimitives.ReadInt32LittleEndian(start[12..]));
        if (bytes < FixedHead || bytes > RandomAccess.GetLength(file) || bytes > Array.MaxLength)
        {
            return null;
        }

        var head = new byte[bytes];
        return ReadFully(file, head, 0) ? new DecodedShardFile(imageSize, head) : null;
    }

    /// <summary>The records by (picture, what its file looked like).</summary>
    public IEnumerable<((ulong Key, ulong Stamp) Picture, int Record)> Records()
    {
        for (var i = 0; i < (Head.Length - FixedHead) / 16; i++)
        {
            var at = FixedHead + (16 * i);
            yield return ((BitConverter.ToUInt64(Head, at), BitConverter.ToUInt64(Head, at + 8)), i);
        }
    }

    public static ulong KeyOf(ImageEntry image) => XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(image.Path));

    public long OffsetOf(int record) => headBytes + ((long)record * RecordBytes);

    /// <summary>Fills a record with a picture, RGB, row by row, or with why there is none.</summary>
    public static void Fill(Span<byte> record, int number, ReadOnlySpan<byte> picture, string? fault)
    {
        record[8] = fault is null ? (byte)0 : (byte)1;
        var rest = record[RecordHead..];
        if (fault is null)
        {
            picture.CopyTo(rest);
        }
        else
        {
            rest.Clear();
            Encoding.UTF8.GetEncoder().Convert(fault, rest, flush: true, out _, out _, out _);
        }

        BinaryPrimitives.WriteUInt64LittleEndian(record, Checksum(record, number));
    }

    /// <summary>Reads a record; false if it is not whole.</summary>
    public bool TryRead(SafeFileHandle file, int number, Span<byte> picture, out string? fault)
    {
        fault = null;
        var buffer = ArrayPool<byte>.Shared.Rent(RecordBytes);
        try
        {
            var record = buffer.AsSpan(0, RecordBytes);
            if (!ReadFully(file, record, OffsetOf(number)) || BinaryPrimitives.ReadUInt64LittleEndian(record) != Checksum(record, number))
            {
                return false;
            }

            var rest = record[RecordHead..];
            if (record[8] == 0)
            {
                rest.CopyTo(picture);
            }
            else
            {
                fault = Encoding.UTF8.GetString(rest[..(rest.IndexOf((byte)0) is >= 0 and var end ? end : rest.Length)]);
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // The number is in it: a record that landed in another's place is not taken for that one.
    private static ulong Checksum(ReadOnlySpan<byte> record, int number) => XxHash3.HashToUInt64(record[8..], number);

    private static bool ReadFully(SafeFileHandle file, Span<byte> target, long offset)
    {
        for (var done = 0; done < target.Length;)
        {
            var read = RandomAccess.Read(file, target[done..], offset + done);
            if (read == 0)
            {
                return false;
            }

            done += read;
        }

        return true;
    }
}
