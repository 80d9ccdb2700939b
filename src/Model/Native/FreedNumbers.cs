using System.Runtime.InteropServices;

namespace MlTr.Model.Native;

/// <summary>
/// TorchSharp wraps the plain numbers of a call (also the hidden factor 1 of an addition) in native scalars, which the collector may free before
/// the call reads them. It is rare and shows as an error from Scalar.h; what changes nothing until it succeeds can simply be done again.
/// </summary>
internal static class FreedNumbers
{
    private const int MostAttempts = 5;

    public static T DoAgain<T>(Func<T> work)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return work();
            }
            catch (ExternalException e) when (attempt < MostAttempts && e.Message.Contains("Scalar.h", StringComparison.Ordinal))
            {
                continue;
            }
        }
    }
}
