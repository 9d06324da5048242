using System.Globalization;
using System.Text.Json.Serialization;
using Kindred.Accounts.People;
using Kindred.Platform.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kindred.Accounts.Vendors;

/// <summary>A profile as it is to be; in a PATCH what is missing stays.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
public sealed record VendorProfileRequest(string? FirstName = null, string? LastName = null, string? Email = null);

/// <summary>A profile.</summary>
public sealed record VendorProfileResponse(long Id, string FirstName, string LastName, string Email);

/// <summary><c>/api/v1/users/…</c>: one's own profile; everybody's for admins, and nobody else's for anybody else.</summary>
internal static class VendorUsers
{
    public static async Task<IResult> Me(Caller caller, PeopleStore people, CancellationToken cancellation) =>
        await people.FindAsync(caller.Person!.Number, cancellation) is { } person ? TypedResults.Ok(Response(person)) : Missing();

    public static async Task<IResult> UpdateMe(VendorProfileRequest request, Caller caller, PeopleStore people, Registration registration, CancellationToken cancellation) =>
        await people.FindAsync(caller.Person!.Number, cancellation) is { } person ? await UpdateAsync(person, request, caller.Person.Session, registration, cancellation) : Missing();

    public static Task<IResult> List(Caller caller, PeopleStore people, HttpContext context, CancellationToken cancellation) =>
        VendorPage.AnswerAsync<VendorProfileResponse>(
            context,
            async (offset, limit) =>
            {
                var (rows, count) = await people.ListAsync(caller.Scopes.Contains(Scopes.Admin) ? null : caller.Person?.Number ?? 0, offset, limit, cancellation);
                return ([.. rows.Select(Response)], count);
            });

    public static async Task<IResult> Get(string id, Caller caller, PeopleStore people, CancellationToken cancellation) =>
        Number(id) is { } number && (caller.Scopes.Contains(Scopes.Admin) || caller.Person?.Number == number) && await people.FindAsync(number, cancellation) is { } person
            ? TypedResults.Ok(Response(person))
            : Missing();

    /// <summary>Makes an account without a password; its owner chooses one by the mail that is sent.</summary>
    public static async Task<IResult> Create(VendorProfileRequest request, Registration registration, CancellationToken cancellation)
    {
        FieldError[] faults = [.. Check(request, all: true)];
        return faults.Length > 0 ? Problems.Invalid("The profile is not valid.", faults)
            : await registration.AddWithoutPasswordAsync(Apply(new Person(), request), cancellation) is { } person ? TypedResults.Json(Response(person), statusCode: StatusCodes.Status201Created)
            : Taken();
    }

    public static Task<IResult> Replace(string id, VendorProfileRequest request, PeopleStore people, Registration registration, CancellationToken cancellation) =>
        ChangeAsync(id, request, all: true, people, registration, cancellation);

    public static Task<IResult> Patch(string id, VendorProfileRequest request, PeopleStore people, Registration registration, CancellationToken cancellation) =>
        ChangeAsync(id, request, all: false, people, registration, cancellation);

    public static async Task<IResult> Delete(string id, Registration registration, CancellationToken cancellation) =>
        Number(id) is { } number && await registration.DeleteAsync(number, cancellation) ? TypedResults.NoContent() : Missing();

    private static async Task<IResult> ChangeAsync(string id, VendorProfileRequest request, bool all, PeopleStore people, Registration registration, CancellationToken cancellation)
    {
        if (Number(id) is not { } number || await people.FindAsync(number, cancellation) is not { } person)
        {
            return Missing();
        }

        FieldError[] faults = all ? [.. Check(request, all)] : [];
        return faults.Length > 0 ? Problems.Invalid("The profile is not valid.", faults) : await UpdateAsync(person, request, session: null, registration, cancellation);
    }

    private static async Task<IResult> UpdateAsync(Person person, VendorProfileRequest request, string? session, Registration registration, CancellationToken cancellation)
    {
        FieldError[] faults = [.. Check(request, all: false)];
        if (faults.Length > 0)
        {
            return Problems.Invalid("The profile is not valid.", faults);
        }

        var change = await registration.UpdateAsync(person, Apply(person, request), password: null, session, cancellation);
        return change.Person is { } stored ? TypedResults.Ok(Response(stored)) : change.Refusal ?? Taken();
    }

    private static IEnumerable<FieldError> Check(VendorProfileRequest request, bool all) =>
    [
        .. new[]
        {
            request.FirstName is null && !all ? null : Requests.CheckName("/first_name", request.FirstName, needed: true),
            request.LastName is null && !all ? null : Requests.CheckName("/last_name", request.LastName, needed: true),
        }.OfType<FieldError>(),
        .. request.Email is null && !all ? [] : Requests.Check(request.Email, password: null, passwordNeeded: false),
    ];

    private static Person Apply(Person person, VendorProfileRequest request) => person with
    {
        Name = Requests.Name(request.FirstName) ?? person.Name,
        Surname = Requests.Name(request.LastName) ?? person.Surname,
        Email = request.Email?.Trim() ?? person.Email,
    };

    private static long? Number(string id) => long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static VendorProfileResponse Response(Person person) => new(person.Number, person.Name ?? "", person.Surname ?? "", person.Email);

    private static ProblemHttpResult Taken() => Problems.Invalid("The e-mail is taken.", new FieldError("/email", "unique", "user with this email already exists."));

    private static ProblemHttpResult Missing() => Problems.NotFound("No such user.");
}
