using Microsoft.Win32.SafeHandles;

namespace MlTr.Model.Data.Loading;

/// <summary>
/// Decoded pictures of one size, each decoded at most once: in memory, or in a file that goes with the process. Where the file has no room, or
/// nothing is to be kept, they are decoded again each time. Safe for several threads.
/// </summary>
internal sealed class PictureCache : IDisposable
{
    private readonly int bytesEach;
    private readonly string?[] faults;
    private readonly bool[] kept;
    private readonly Lock[] locks = [.. Enumerable.Range(0, 64).Select(_ => new Lock())];
    private readonly byte[][]? memory;
    private readonly SafeFileHandle? file;
    private volatile string? problem;

    public PictureCache(int count, int size, BatchSourceOptions options)
        : this(count, size)
    {
        if (!options.KeepDecoded)
        {
            return;
        }

        if ((long)count * bytesEach <= options.MemoryLimit)
        {
            memory = new byte[count][];
            return;
        }

        try
        {
            file = Create(options.CacheFolder ?? Path.GetTempPath());
        }
        catch (Exception e) when (IsOfTheDisk(e))
        {
            GiveUp(e);
        }
    }

    /// <summary>Keeps pictures in an open file, which it closes.</summary>
    internal PictureCache(int count, int size, SafeFileHandle file)
        : this(count, size) => this.file = file;

    private PictureCache(int count, int size) =>
        (bytesEach, faults, kept) = (size * size * 3, new string?[count], new bool[count]);

    /// <summary>Why further pictures are not kept although they should be; null while they are.</summary>
    public string? Problem => problem;

    /// <summary>Copies the picture; where it cannot be decoded, returns why and leaves the target alone.</summary>
    public string? Read(int index, Span<byte> target, Func<byte[]> decode)
    {
        lock (locks[index % locks.Length])
        {
            if (faults[index] is null && !TryTake(index, target))
            {
                Decode(index, target, decode);
            }

            return faults[index];
        }
    }

    public void Dispose() => file?.Dispose();

    private void Decode(int index, Span<byte> target, Func<byte[]> decode)
    {
        try
        {
            var picture = decode();
            picture.CopyTo(target);
            Keep(index, picture);
        }
        catch (Exception e) when (ImageDecoder.Fault(e) is { } fault)
        {
            faults[index] = fault;
        }
    }

    private bool TryTake(int index, Span<byte> target)
    {
        if (!kept[index])
        {
            return false;
        }

        if (memory is not null)
        {
            memory[index].CopyTo(target);
            return true;
        }

        try
        {
            for (var done = 0; done < bytesEach;)
            {
                var read = RandomAccess.Read(file!, target[done..bytesEach], ((long)index * bytesEach) + done);
                done += read > 0 ? read : throw new EndOfStreamException();
            }

            return true;
        }
        catch (IOException)
        {
            return kept[index] = false; // decoded again, and kept again if that works
        }
    }

    // Written, not mapped: where a disk is full a write fails with an exception, a store into mapped memory kills the process.
    private void Keep(int index, byte[] picture)
    {
        if (memory is not null)
        {
            memory[index] = picture;
        }
        else if (file is null || problem is not null)
        {
            return;
        }
        else
        {
            try
            {
                RandomAccess.Write(file, picture, (long)index * bytesEach);
            }
            catch (Exception e) when (IsOfTheDisk(e))
            {
                GiveUp(e);
                return;
            }
        }

        kept[index] = true;
    }

    private void GiveUp(Exception e) =>
        problem = $"Decoded pictures cannot be kept: {e.Message.TrimEnd('.')}. They are decoded again in every pass, which is slower but changes nothing.";

    // ArgumentOutOfRangeException is how .NET reports a file beyond the largest size allowed.
    private static bool IsOfTheDisk(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException;

    private static SafeFileHandle Create(string folder)
    {
        var path = Path.Combine(folder, $"mltr-pictures-{Guid.NewGuid():N}.cache");
        var handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
        if (!OperatingSystem.IsWindows())
        {
            File.Delete(path); // the open file stays, and a killed process leaves nothing behind
        }

        return handle;
    }
}
