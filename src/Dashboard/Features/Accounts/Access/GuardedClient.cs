using System.Reflection;
using System.Runtime.CompilerServices;
using MlTr.Abstractions.Accounts;
using MlTr.Abstractions.Client;

namespace MlTr.Dashboard.Features.Accounts.Access;

/// <summary>
/// The one place where roles are enforced: every call of a page or an endpoint comes through here, and is refused with a
/// <see cref="NotAllowedException"/> if <see cref="ClientAccess"/> does not give it to the session's role. It also writes the user's name into the
/// record, whatever the caller said, and ends streams with the login that they were opened under.
/// </summary>
internal class GuardedClient : DispatchProxy
{
    private const string RecordParameter = "by";

    private static readonly MethodInfo Until = typeof(GuardedClient).GetMethod(nameof(UntilEndAsync), BindingFlags.NonPublic | BindingFlags.Static)!;

    private IMlTrClient _client = null!;
    private Session _session = null!;

    public static IMlTrClient Over(IMlTrClient client, Session session)
    {
        var guarded = Create<IMlTrClient, GuardedClient>();
        ((GuardedClient)(object)guarded)._client = client;
        ((GuardedClient)(object)guarded)._session = session;
        return guarded;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var parameters = targetMethod!.GetParameters();
        var given = (object?[])args!.Clone();
        Check(targetMethod.Name, parameters, given);
        var record = Array.FindIndex(parameters, parameter => parameter.Name == RecordParameter);
        if (record >= 0 && _session.User is { } user)
        {
            given[record] = user;
        }

        var result = targetMethod.Invoke(_client, BindingFlags.DoNotWrapExceptions, null, given, null);
        return targetMethod.ReturnType is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>)
            ? Until.MakeGenericMethod(type.GenericTypeArguments).Invoke(null, [result, _session.Ended, CancellationToken.None])
            : result;
    }

    private void Check(string member, ParameterInfo[] parameters, object?[] given)
    {
        if (!_session.IsLoginOn || ClientAccess.Everybody.Contains(member))
        {
            return;
        }

        if (_session.Role is not { } role)
        {
            throw new NotAllowedException("You are not logged in any more: load the page again.");
        }

        if (!ClientAccess.Roles.TryGetValue(member, out var needed) || role < needed)
        {
            throw new NotAllowedException($"You are {AccountRules.Named(role)}, and this is for {AccountRules.Named(needed)}: ask an admin.");
        }

        if (role < UserRole.Admin && ClientAccess.Own.TryGetValue(member, out var whose)
            && given[Array.FindIndex(parameters, parameter => parameter.Name == whose)] as string != _session.User)
        {
            throw new NotAllowedException("This belongs to somebody else, and only an admin may change it.");
        }
    }

    private static async IAsyncEnumerable<T> UntilEndAsync<T>(IAsyncEnumerable<T> items, CancellationToken ended, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ended, cancellationToken);
        await foreach (var item in items.WithCancellation(stop.Token))
        {
            yield return item;
        }
    }
}
