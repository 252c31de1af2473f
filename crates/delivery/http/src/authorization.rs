//! What the caller may do.
//!
//! Roles are read at each request, so that a change counts from the next one on, whatever a token says.

use std::{marker::PhantomData, sync::Arc};

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
    response::{IntoResponse, Response},
};
use fastauth_application::{
    account::{Accounts, Caller},
    roles::{Roles, RolesError},
};
use fastauth_domain::role::{Permission, Refused, Rights, RoleName};

use crate::{
    principal::{CurrentUser, NotIdentified},
    problem::{INVALID_TOKEN, PERMISSION_DENIED, Problem},
};

/// What the routes of an embedding program recognise callers and their rights by. It is a state for axum
/// as it is; a state of one's own provides `Arc<Accounts>` and `Arc<Roles>` (`FromRef`).
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "use cases have nothing to print")]
pub struct Authorization {
    /// Recognises callers.
    pub accounts: Arc<Accounts>,
    /// Tells what they may do.
    pub roles: Arc<Roles>,
}

impl FromRef<Authorization> for Arc<Accounts> {
    fn from_ref(authorization: &Authorization) -> Self {
        Self::clone(&authorization.accounts)
    }
}

impl FromRef<Authorization> for Arc<Roles> {
    fn from_ref(authorization: &Authorization) -> Self {
        Self::clone(&authorization.roles)
    }
}

/// A permission that a route asks for, as a type of the program that has the route.
///
/// ```
/// use fastauth_domain::role::Permission;
/// use fastauth_http::RequiredPermission;
///
/// struct CanPublish;
///
/// impl RequiredPermission for CanPublish {
///     const PERMISSION: Permission = Permission::from_static("posts:publish");
/// }
/// ```
pub trait RequiredPermission {
    /// The permission.
    const PERMISSION: Permission;
}

/// A role that a route asks for, as a type of the program that has the route. To ask for a permission
/// leaves it to administrators which roles have it.
pub trait RequiredRole {
    /// The role.
    const ROLE: RoleName;
}

/// A signed-in user whose roles permit something at this moment.
///
/// A route with this argument answers 401 to whoever is not signed in and 403 `permission_denied` to whoever
/// has no role with the permission. The router's state must provide `Arc<Accounts>` and `Arc<Roles>`, as
/// [`Authorization`] does.
#[derive(Clone, Debug)]
pub struct RequirePermission<P> {
    /// Who calls.
    pub caller: Caller,
    /// All that they may do.
    pub rights: Rights,
    permission: PhantomData<fn() -> P>,
}

/// A signed-in user who has a role at this moment; otherwise like [`RequirePermission`].
#[derive(Clone, Debug)]
pub struct RequireRole<R> {
    /// Who calls.
    pub caller: Caller,
    /// All that they may do.
    pub rights: Rights,
    role: PhantomData<fn() -> R>,
}

/// Why a caller was not let in; answered as problem details.
#[derive(Debug)]
pub struct NotPermitted(Problem);

impl IntoResponse for NotPermitted {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

impl From<NotIdentified> for NotPermitted {
    fn from(NotIdentified(problem): NotIdentified) -> Self {
        Self(problem)
    }
}

impl<P, S> FromRequestParts<S> for RequirePermission<P>
where
    P: RequiredPermission,
    S: Send + Sync,
    Arc<Accounts>: FromRef<S>,
    Arc<Roles>: FromRef<S>,
{
    type Rejection = NotPermitted;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, NotPermitted> {
        let (caller, rights) = authorize(parts, state).await?;
        if rights.permit(&P::PERMISSION) {
            Ok(Self { caller, rights, permission: PhantomData })
        } else {
            Err(denied(format_args!("this needs the permission {}", P::PERMISSION)))
        }
    }
}

impl<R, S> FromRequestParts<S> for RequireRole<R>
where
    R: RequiredRole,
    S: Send + Sync,
    Arc<Accounts>: FromRef<S>,
    Arc<Roles>: FromRef<S>,
{
    type Rejection = NotPermitted;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, NotPermitted> {
        let (caller, rights) = authorize(parts, state).await?;
        if rights.include(&R::ROLE) {
            Ok(Self { caller, rights, role: PhantomData })
        } else {
            Err(denied(format_args!("this needs the role {}", R::ROLE)))
        }
    }
}

/// Whoever calls, and all that they may do.
async fn authorize<S>(parts: &mut Parts, state: &S) -> Result<(Caller, Rights), NotPermitted>
where
    S: Send + Sync,
    Arc<Accounts>: FromRef<S>,
    Arc<Roles>: FromRef<S>,
{
    let CurrentUser(caller) =
        <CurrentUser as FromRequestParts<S>>::from_request_parts(parts, state).await?;
    let rights = rights_of(&caller, &Arc::from_ref(state)).await.map_err(NotPermitted)?;
    Ok((caller, rights))
}

/// What the caller may do. An account that is gone by now is nobody's any more.
pub(crate) async fn rights_of(caller: &Caller, roles: &Arc<Roles>) -> Result<Rights, Problem> {
    match roles.rights(caller.account.id).await {
        Ok(rights) => Ok(rights),
        Err(RolesError::Refused(Refused::UserNotFound)) => {
            Err(Problem::new(&INVALID_TOKEN, "the account of the access token is gone"))
        }
        Err(error) => Err(error.into()),
    }
}

fn denied(detail: impl std::fmt::Display) -> NotPermitted {
    NotPermitted(Problem::new(&PERMISSION_DENIED, detail))
}
