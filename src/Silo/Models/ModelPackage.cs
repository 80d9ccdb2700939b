using System.Collections.Immutable;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using MlTr.Model.Checkpoints;

namespace MlTr.Silo.Models;

/// <summary>A checkpoint's folder as a ZIP archive that is made while it is read, so that no copy of it lies anywhere.</summary>
internal static class ModelPackage
{
    private const int Piece = 256 * 1024;

    /// <summary>The archive in pieces; inside, everything lies in one folder. Files that are gone or damaged are thrown as <paramref name="problem"/> makes of the words.</summary>
    public static async IAsyncEnumerable<ImmutableArray<byte>> ReadAsync(string folder, string inside, Func<string, Exception> problem, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Prepend(folder).FirstOrDefault(path => new FileInfo(path).LinkTarget is not null) is { } link)
        {
            throw problem($"{link} is a link: what it leads to is not part of it, and is not given away.");
        }

        if (await Task.Run(() => CheckpointStore.TryOpen(folder, out var found) is null ? found : null, cancellationToken) is { } damage)
        {
            throw problem($"The files in {folder} cannot be used: {damage}");
        }

        using var left = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 4 * Piece, resumeWriterThreshold: 2 * Piece, useSynchronizationContext: false));
        var writing = Task.Run(() => WriteAsync(folder, inside, pipe.Writer, left.Token), CancellationToken.None);
        try
        {
            while (true)
            {
                var read = await pipe.Reader.ReadAtLeastAsync(Piece, cancellationToken);
                if (!read.Buffer.IsEmpty)
                {
                    var piece = read.Buffer.Slice(0, Math.Min(Piece, read.Buffer.Length));
                    ImmutableArray<byte> bytes = [.. System.Buffers.BuffersExtensions.ToArray(piece)];
                    pipe.Reader.AdvanceTo(piece.End);
                    yield return bytes;
                }
                else if (read.IsCompleted)
                {
                    break;
                }
            }
        }
        finally
        {
            await left.CancelAsync(); // the reader may have left early
            await pipe.Reader.CompleteAsync();
            await writing;
        }
    }

    private static async Task WriteAsync(string folder, string inside, PipeWriter writer, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            await using var target = writer.AsStream(leaveOpen: true);
            await using var zip = await ZipArchive.CreateAsync(target, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, cancellationToken);
            foreach (var file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
            {
                var packed = Path.GetExtension(file) == ".safetensors" ? CompressionLevel.NoCompression : CompressionLevel.Fastest; // numbers do not get smaller
                await zip.CreateEntryFromFileAsync(file, $"{inside}/{Path.GetFileName(file)}", packed, cancellationToken);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            failure = error;
        }

        await writer.CompleteAsync(failure);
    }
}
