using System.Runtime.InteropServices;
using MlTr.Abstractions.Trials;
using MlTr.Grains.Trials;
using MlTr.Model.Data;
using MlTr.Model.Native;
using MlTr.Model.Training;

namespace MlTr.Silo.Trials;

/// <summary>Tells the kinds of failure apart by what the model throws.</summary>
internal static class TrialFailures
{
    // Other than the allocators' own words, nothing tells a lack of memory from libtorch's other errors.
    private static readonly string[] OutOfMemory = ["out of memory", "can't allocate memory", "cannot allocate memory", "not enough memory", "alloc_cpu"];

    /// <summary>A failure that is understood, in words for people; null for one that nobody foresaw.</summary>
    public static TrialFailedException? Of(Exception error) => KindOf(error) is { } kind
        ? new TrialFailedException(error is ExternalException torch ? TorchFailure.Explain(torch) : error.Message, kind, error)
        : null;

    /// <summary>The kind of a failure that is understood; null for one that nobody foresaw.</summary>
    public static FailureKind? KindOf(Exception error) => error switch
    {
        TrainingFailedException { InnerException: IOException or UnauthorizedAccessException } => FailureKind.Disk,
        TrainingFailedException => FailureKind.NotFinite,
        DatasetFormatException => FailureKind.Data,
        ArgumentException or NativeTorchException => FailureKind.Configuration,
        InvalidDataException or FileNotFoundException or DirectoryNotFoundException => FailureKind.Data,
        IOException or UnauthorizedAccessException => FailureKind.Disk,
        OutOfMemoryException => FailureKind.OutOfMemory,
        ExternalException torch when Array.Exists(OutOfMemory, words => torch.Message.Contains(words, StringComparison.OrdinalIgnoreCase)) => FailureKind.OutOfMemory,
        ExternalException => FailureKind.Configuration,
        _ => null,
    };
}
