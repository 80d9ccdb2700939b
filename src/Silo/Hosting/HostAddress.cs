using System.Net;
using System.Net.Sockets;

namespace MlTr.Silo.Hosting;

/// <summary>The address that other hosts of a cluster reach this one at.</summary>
internal static class HostAddress
{
    /// <summary>Stands for the address of this machine's own name, as a container has one.</summary>
    public const string Auto = "auto";

    /// <exception cref="PlatformException">There is no such address.</exception>
    public static IPAddress Of(PlatformOptions options)
    {
        if (options.Address.Length == 0)
        {
            return IPAddress.Loopback;
        }

        if (IPAddress.TryParse(options.Address, out var given))
        {
            return given;
        }

        var name = options.Address.Equals(Auto, StringComparison.OrdinalIgnoreCase) ? Dns.GetHostName() : options.Address;
        try
        {
            var found = Dns.GetHostAddresses(name, AddressFamily.InterNetwork);
            return found.FirstOrDefault(address => !IPAddress.IsLoopback(address)) ?? found.FirstOrDefault() ?? throw Unknown(name, null);
        }
        catch (SocketException error)
        {
            throw Unknown(name, error);
        }
    }

    private static PlatformException Unknown(string name, Exception? cause) =>
        new($"Platform:Address: the name {name} has no IPv4 address; give the address that other hosts reach this one at.", cause);
}
