using System.Runtime.InteropServices;

namespace MlTr.Silo.Trials;

/// <summary>What libtorch throws, for people.</summary>
internal static class TorchFailure
{
    /// <summary>The first line of what it says, and what to try: its messages go on with a native stack.</summary>
    public static string Explain(ExternalException error) =>
        $"libtorch gave up: {error.Message.Split('\n')[0].Trim()} If memory is short, take a smaller batch, picture or network.";
}
