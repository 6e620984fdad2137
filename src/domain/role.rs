//! Roles of people, on the instance and in a project. What a role may do is in `permission`.

use crate::words;

words! {
    /// What a person is on the whole instance.
    UserRole {
        Owner = "owner",
        Admin = "admin",
        Developer = "developer",
        QaViewer = "qa_viewer",
    }
}

words! {
    /// What a person is in one project.
    ProjectRole {
        Maintainer = "maintainer",
        Developer = "developer",
        Viewer = "viewer",
    }
}

words! {
    /// Whether an account can be used.
    UserStatus {
        Active = "active",
        Disabled = "disabled",
        Invited = "invited",
    }
}

impl UserRole {
    /// Order of power: owner 4, admin 3, developer 2, qa_viewer 1.
    pub fn rank(self) -> u8 {
        match self {
            UserRole::Owner => 4,
            UserRole::Admin => 3,
            UserRole::Developer => 2,
            UserRole::QaViewer => 1,
        }
    }

    /// The less powerful of two roles.
    pub fn lower(self, other: UserRole) -> UserRole {
        if other.rank() < self.rank() { other } else { self }
    }

    /// Owners and admins see and may change every project.
    pub fn is_operator(self) -> bool {
        match self {
            UserRole::Owner | UserRole::Admin => true,
            UserRole::Developer | UserRole::QaViewer => false,
        }
    }
}

impl ProjectRole {
    /// At most `limit`.
    pub fn at_most(self, limit: ProjectRole) -> ProjectRole {
        let rank = |role| match role {
            ProjectRole::Maintainer => 3,
            ProjectRole::Developer => 2,
            ProjectRole::Viewer => 1,
        };
        if rank(limit) < rank(self) { limit } else { self }
    }
}
