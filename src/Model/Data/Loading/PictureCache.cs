using System.IO.MemoryMappedFiles;

namespace MlTr.Model.Data.Loading;

/// <summary>
/// Decoded pictures of one size, each decoded at most once: in memory up to a limit, beyond it in a mapped file that goes
/// with the process. Safe for several threads.
/// </summary>
internal sealed unsafe class PictureCache : IDisposable
{
    private readonly int bytesEach;
    private readonly string?[] faults;
    private readonly bool[] done;
    private readonly Lock[] locks = [.. Enumerable.Range(0, 64).Select(_ => new Lock())];
    private readonly byte[]?[] memory = [];
    private readonly MemoryMappedFile? file;
    private readonly MemoryMappedViewAccessor? view;
    private readonly byte* start;

    public PictureCache(int count, int size, long memoryLimit, string? folder)
    {
        Size = size;
        bytesEach = size * size * 3;
        faults = new string?[count];
        done = new bool[count];
        if ((long)count * bytesEach <= memoryLimit)
        {
            memory = new byte[count][];
            return;
        }

        var path = Path.Combine(folder ?? Path.GetTempPath(), $"mltr-pictures-{Guid.NewGuid():N}.cache");
        var stream = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        file = MemoryMappedFile.CreateFromFile(stream, null, (long)count * bytesEach, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
        view = file.CreateViewAccessor();
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
    }

    public int Size { get; }

    public bool IsMapped => file is not null;

    /// <summary>Copies the picture; where it cannot be decoded, returns why and leaves the target alone.</summary>
    public string? Read(int index, Span<byte> target, Func<byte[]> decode)
    {
        lock (locks[index % locks.Length])
        {
            if (!done[index])
            {
                Fill(index, decode);
                done[index] = true;
            }

            if (faults[index] is null)
            {
                Slot(index).CopyTo(target);
            }

            return faults[index];
        }
    }

    public void Dispose()
    {
        if (view is not null)
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
            view.Dispose();
        }

        file?.Dispose();
    }

    private void Fill(int index, Func<byte[]> decode)
    {
        try
        {
            var picture = decode();
            if (IsMapped)
            {
                picture.CopyTo(Slot(index));
            }
            else
            {
                memory[index] = picture;
            }
        }
        catch (Exception e) when (e is BadPictureException or IOException or UnauthorizedAccessException)
        {
            faults[index] = e.Message;
        }
    }

    private Span<byte> Slot(int index) => IsMapped ? new Span<byte>(start + ((long)index * bytesEach), bytesEach) : memory[index];
}
