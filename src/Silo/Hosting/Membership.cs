namespace MlTr.Silo.Hosting;

/// <summary>Where the processes of a cluster find each other.</summary>
internal abstract class Membership
{
    /// <summary>What the settings ask for: Redis if it is named, else the store; null on a single machine.</summary>
    public static Membership? Of(PlatformOptions options) => options switch
    {
        { Membership.Length: > 0 } => new RedisMembership(options.Membership),
        { Store.Length: > 0 } => new PostgresMembership(options.Store),
        _ => null,
    };

    /// <summary>Finds out now whether it can be used, and creates what is missing.</summary>
    /// <exception cref="PlatformException">It cannot; the message says what to do.</exception>
    public abstract void EnsureReady();

    public abstract void Configure(ISiloBuilder silo);

    public abstract void Configure(IClientBuilder client);
}
