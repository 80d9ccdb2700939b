using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using MlTr.Grains.Storage;
using MlTr.Model.Native;

namespace MlTr.Silo.Hosting;

/// <summary>Turns what stops a start into the one line that a person needs.</summary>
internal static class StartErrors
{
    /// <summary>The line for an error that a person can act on, or null: then it is a bug and deserves its stack trace.</summary>
    public static string? Explain(Exception error, string addresses) => error switch
    {
        PlatformException => error.Message, // a line for each of several errors
        StoreStartupException or NativeTorchException => OneLine(error.Message),
        OptionsValidationException invalid => OneLine("The settings are wrong: " + string.Join(" ", invalid.Failures)),
        AddressInUseException or SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } => InUse(addresses),
        SocketException { SocketErrorCode: SocketError.AccessDenied } =>
            $"This user may not open {addresses}: take a port above 1023 with --port.",
        AggregateException { InnerExceptions: [var only] } => Explain(only, addresses),
        { InnerException: { } inner } => Explain(inner, addresses),
        _ => null,
    };

    public static string InUse(string addresses) =>
        $"{addresses} is in use by another program, perhaps a platform that runs already: open it, stop it, or choose another port with --port (0 takes a free one).";

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
